// rooms: codec rtp
#include "base/check.h"
#include "codec/aac.h"
#include "codec/h264.h"
#include "codec/h264_sps.h"
#include "codec/opus.h"
#include "codec/vp8.h"
#include "rtp/payload/frame_assembler.h"
#include "rtp/payload/h264_packetizer.h"

// Bytes as Annex B, as an SPS and as other headers; then cut into payloads and joined again: not a unit may change.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace footlight;
  using namespace footlight::codec;
  ByteView bytes(data, size);
  if (auto sps = Sps::parse(bytes)) CHECK(sps->width > 0 && sps->height > 0);
  (void)Vp8FrameHeader::parse(bytes);
  if (auto opus = OpusPacketInfo::parse(bytes)) CHECK(opus->samples > 0 && opus->samples <= 5760);
  if (auto aac = AudioSpecificConfig::parse(bytes)) (void)aac->write();
  constexpr size_t kMaxPayload = 64;
  uint8_t slot[kMaxPayload];
  rtp::H264Packetizer packetizer(bytes, kMaxPayload);
  auto assembler = rtp::make_frame_assembler(media::Codec::kH264);
  int64_t seq = 0;
  while (size_t n = packetizer.next(slot)) {
    CHECK(n <= kMaxPayload);
    assembler->push({rtp::UnwrappedSeq(++seq), rtp::UnwrappedTime(0), packetizer.done(), ByteView(slot).first(n), {}});
  }
  return 0;
}
