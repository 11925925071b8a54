#include "rtp/payload/opus_depacketizer.h"

#include "codec/opus.h"

namespace footlight::rtp {

bool OpusDepacketizer::join(ByteView payload) {
  append(payload);
  return codec::OpusPacketInfo::parse(payload).has_value();
}

}  // namespace footlight::rtp
