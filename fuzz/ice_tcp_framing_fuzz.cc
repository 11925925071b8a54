// rooms: ice base
#include <algorithm>
#include <vector>

#include "base/check.h"
#include "ice/tcp_framing.h"

using namespace footlight;

// Reads, each behind a length byte. However they cut the stream, the packets must be those of one whole read.
namespace {

void collect(ice::Deframer& deframer, std::vector<uint8_t> read, std::vector<uint8_t>& packets) {
  deframer.put(read);
  while (auto packet = deframer.take_packet()) {
    CHECK(!packet->empty() && packet->size() <= ice::kMaxFrame);
    packets.push_back(static_cast<uint8_t>(packet->size()));
    packets.insert(packets.end(), packet->begin(), packet->end());
    std::ranges::fill(*packet, uint8_t{0});  // worked on in place
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> stream, in_reads, at_once;
  ice::Deframer by_reads, whole;
  ByteReader reader(ByteView(data, size));
  uint8_t length = 0;
  ByteView read;
  while (reader.read_u8(length) && reader.read_bytes(std::min<size_t>(length, reader.remaining()), read)) {
    stream.insert(stream.end(), read.begin(), read.end());
    collect(by_reads, {read.begin(), read.end()}, in_reads);
  }
  collect(whole, stream, at_once);
  CHECK(in_reads == at_once && by_reads.broken() == whole.broken());
  return 0;
}
