#include "rtp/payload/vp9_depacketizer.h"

#include "codec/vp9.h"
#include "rtp/payload/vp9_descriptor.h"

namespace footlight::rtp {

bool Vp9Depacketizer::starts_frame(ByteView payload) const {
  auto descriptor = Vp9Descriptor::parse(payload);
  return descriptor && descriptor->picture_start();
}

void Vp9Depacketizer::reset() {
  layers_ = 0;
  key_ = false;
}

bool Vp9Depacketizer::join(ByteView payload) {
  auto descriptor = Vp9Descriptor::parse(payload);
  if (!descriptor) return false;
  ByteView bytes = payload.subspan(descriptor->size);
  if (descriptor->layer_start) {
    if (layers_ == kMaxLayers) return false;
    if (layers_ == 0) {
      auto header = codec::Vp9FrameHeader::parse(bytes);
      key_ = descriptor->key_picture_start() && header && header->key;
    }
    layer_at_[layers_++] = data().size();
  }
  if (layers_ == 0) return false;
  append(bytes);
  return true;
}

// VP9 annex B.2: |110|bytes of a size - 1: 2|frames - 1: 3|, the sizes, low byte first, and the first byte again.
void Vp9Depacketizer::finish() {
  constexpr size_t kSizeBytes = 4;
  if (layers_ < 2) return;
  const size_t end = data().size();
  std::array<uint8_t, 2 + kSizeBytes * kMaxLayers> index;
  const auto marker = static_cast<uint8_t>(0xc0 | (kSizeBytes - 1) << 3 | (layers_ - 1));
  size_t at = 0;
  index[at++] = marker;
  for (size_t i = 0; i < layers_; ++i) {
    const size_t size = (i + 1 < layers_ ? layer_at_[i + 1] : end) - layer_at_[i];
    for (size_t b = 0; b < kSizeBytes; ++b) index[at++] = static_cast<uint8_t>(size >> (8 * b));
  }
  index[at++] = marker;
  append(ByteView(index).first(at));
}

}  // namespace footlight::rtp
