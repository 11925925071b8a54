#pragma once
#include "relay/rtp_mapping.h"
#include "relay/stored_packet.h"

namespace footlight::relay {

// The receiver's running numbers of pictures: remembers the newest that was sent, so that another encoding or source
// goes on after it. Owned by a consumer.
class PictureContinuity {
 public:
  // With these offsets `first` follows what was sent.
  [[nodiscard]] PictureOffsets follow(const PictureNumbers& first) const {
    if (!any_ || first.form == PictureNumbers::Form::kNone) return {};
    return {static_cast<uint16_t>(picture_ + 1 - first.picture), static_cast<uint8_t>(tl0_ + 1 - first.tl0)};
  }
  void on_sent(const PictureNumbers& in, const PictureOffsets& offsets) {
    if (in.form == PictureNumbers::Form::kNone) return;
    const auto picture = static_cast<uint16_t>((in.picture + offsets.picture) & in.mask());
    const auto ahead = static_cast<uint16_t>((picture - picture_) & in.mask());
    if (any_ && ahead > in.mask() / 2) return;  // late, or repaired
    any_ = true;
    picture_ = picture;
    tl0_ = static_cast<uint8_t>(in.tl0 + offsets.tl0);
  }

 private:
  bool any_ = false;
  uint16_t picture_ = 0;
  uint8_t tl0_ = 0;
};

}  // namespace footlight::relay
