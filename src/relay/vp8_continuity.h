#pragma once
#include <optional>

#include "base/bytes.h"
#include "rtp/payload/vp8_descriptor.h"

namespace footlight::relay {

// Keeps VP8's running numbers (RFC 7741 §4.2: picture id, TL0PICIDX) going on when a consumer changes its producer.
// Owned by a consumer. begin() with the first packet of the new producer; then each payload gets its own numbers.
class Vp8Continuity {
 public:
  void begin() { beginning_ = true; }
  // Rewrites the descriptor in `payload`, a copy of the producer's.
  void rewrite(MutableByteView payload) {
    auto descriptor = rtp::Vp8Descriptor::parse(payload);
    if (!descriptor || !descriptor->picture_id) return;
    uint16_t picture = *descriptor->picture_id;
    uint8_t tl0 = descriptor->tl0_pic_idx.value_or(0);
    if (beginning_) {
      beginning_ = false;
      if (newest_) {
        picture_offset_ = static_cast<uint16_t>(newest_->picture + 1 - picture);
        tl0_offset_ = static_cast<uint8_t>(newest_->tl0 + 1 - tl0);
      }
      newest_.reset();
    }
    picture = static_cast<uint16_t>((picture + picture_offset_) & 0x7fff);
    tl0 = static_cast<uint8_t>(tl0 + tl0_offset_);
    rtp::rewrite_vp8_descriptor(payload, *descriptor, picture, tl0);
    auto ahead = newest_ ? static_cast<uint16_t>((picture - newest_->picture) & 0x7fff) : uint16_t{1};
    if (ahead < 0x4000) newest_ = Numbers{picture, tl0};
  }

 private:
  struct Numbers {
    uint16_t picture = 0;
    uint8_t tl0 = 0;
  };
  bool beginning_ = false;
  uint16_t picture_offset_ = 0;
  uint8_t tl0_offset_ = 0;
  std::optional<Numbers> newest_;
};

}  // namespace footlight::relay
