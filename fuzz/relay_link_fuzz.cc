// rooms: relay
// What another relay says: any RTCP; what can be read is written again and reads the same.
#include <array>
#include <cstdlib>

#include "relay/link_messages.h"

using namespace footlight;
using namespace footlight::relay;

namespace {

template <class Message>
void there_and_back(const rtp::rtcp::Block& block) {
  auto message = Message::parse(block);
  if (!message) return;
  std::array<uint8_t, 1400> buffer;
  ByteWriter writer(buffer);
  if (!message->write(writer)) return;  // longer than what is sent
  auto reader = rtp::rtcp::CompoundReader::parse(writer.written());
  rtp::rtcp::Block again;
  if (!reader || !reader->next(again) || !Message::parse(again)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto reader = rtp::rtcp::CompoundReader::parse(ByteView(data, size));
  rtp::rtcp::Block block;
  while (reader && reader->next(block)) {
    there_and_back<LinkAnnouncement>(block);
    there_and_back<LinkWants>(block);
  }
  return 0;
}
