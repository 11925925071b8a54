#include "rtp/payload/frame_assembler.h"

#include "rtp/payload/aac_depacketizer.h"
#include "rtp/payload/av1_depacketizer.h"
#include "rtp/payload/h264_depacketizer.h"
#include "rtp/payload/opus_depacketizer.h"
#include "rtp/payload/vp8_depacketizer.h"
#include "rtp/payload/vp9_depacketizer.h"

namespace footlight::rtp {

std::unique_ptr<FrameAssembler> make_frame_assembler(media::Codec codec) {
  switch (codec) {
    case media::Codec::kH264:
      return std::make_unique<H264Depacketizer>();
    case media::Codec::kVp8:
      return std::make_unique<Vp8Depacketizer>();
    case media::Codec::kVp9:
      return std::make_unique<Vp9Depacketizer>();
    case media::Codec::kAv1:
      return std::make_unique<Av1Depacketizer>();
    case media::Codec::kOpus:
      return std::make_unique<OpusDepacketizer>();
    case media::Codec::kAac:
      return std::make_unique<AacDepacketizer>();
  }
  return nullptr;
}

}  // namespace footlight::rtp
