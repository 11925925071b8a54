#include "rtp/payload/vp8_depacketizer.h"

#include "codec/vp8.h"
#include "rtp/payload/vp8_descriptor.h"

namespace footlight::rtp {

bool Vp8Depacketizer::starts_frame(ByteView payload) const {
  auto descriptor = Vp8Descriptor::parse(payload);
  return descriptor && descriptor->frame_start();
}

bool Vp8Depacketizer::join(ByteView payload) {
  auto descriptor = Vp8Descriptor::parse(payload);
  if (!descriptor) return false;
  ByteView bytes = payload.subspan(descriptor->size);
  if (!began_) {
    if (!descriptor->frame_start()) return false;
    began_ = true;
    auto header = codec::Vp8FrameHeader::parse(bytes);
    key_ = header && header->key;
  }
  append(bytes);
  return true;
}

}  // namespace footlight::rtp
