// rooms: codec rtp
#include <algorithm>
#include <vector>

#include "base/check.h"
#include "codec/h264.h"
#include "codec/h264_sps.h"
#include "codec/opus.h"
#include "codec/vp8.h"
#include "rtp/payload/frame_assembler.h"
#include "rtp/payload/h264_packetizer.h"

namespace {

using namespace footlight;

// The units that a packetizer sends; empty where one could not stand in a payload by itself (RFC 6184 table 1).
std::vector<ByteView> units_to_send(ByteView annex_b) {
  std::vector<ByteView> out;
  codec::NalReader reader(annex_b);
  for (ByteView nal; reader.next(nal);) {
    auto type = nal[0] & 0x1f;
    if (type == 0 || type > 23) return {};
    if (type != 9 && type != 12) out.push_back(nal);
  }
  return out;
}

// Cut into payloads and joined again, not a unit changes.
void cut_and_join(ByteView annex_b) {
  constexpr size_t kMaxPayload = 64;
  uint8_t slot[kMaxPayload];
  rtp::H264Packetizer packetizer(annex_b, kMaxPayload);
  auto assembler = rtp::make_frame_assembler(media::Codec::kH264);
  int64_t seq = 0;
  while (size_t n = packetizer.next(slot)) {
    CHECK(n <= kMaxPayload);
    assembler->push({rtp::UnwrappedSeq(++seq), rtp::UnwrappedTime(0), packetizer.done(), ByteView(slot).first(n), {}});
  }
  auto frame = assembler->take();
  std::vector<ByteView> sent = units_to_send(annex_b);
  if (!frame || sent.empty()) return;
  std::vector<ByteView> came = units_to_send(frame->frame.data);
  CHECK(came.size() == sent.size());
  for (size_t i = 0; i < sent.size(); ++i)
    CHECK(std::equal(sent[i].begin(), sent[i].end(), came[i].begin(), came[i].end()));
}

}  // namespace

// Bytes as an SPS and as other headers, and as an access unit that is sent.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView bytes(data, size);
  if (auto sps = codec::Sps::parse(bytes)) CHECK(sps->width > 0 && sps->height > 0);
  (void)codec::Vp8FrameHeader::parse(bytes);
  if (auto opus = codec::OpusPacketInfo::parse(bytes)) CHECK(opus->samples > 0 && opus->samples <= 5760);
  cut_and_join(bytes);
  return 0;
}
