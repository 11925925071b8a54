#pragma once
#include <optional>

#include "relay/layer_selector.h"
#include "relay/stored_packet.h"

namespace footlight::relay {

// Leaves out the upper temporal layers of one consumer's VP8 (RFC 7741 §4.2, TID): fewer pictures, at once and without
// a key frame. Down at any picture; up only where the upper layer refers to nothing that was left out (Y), or with a
// key frame. Owned by a consumer. In: packets in order of their numbers; out: whether each is to be sent.
class TemporalFilter {
 public:
  void set_wanted(uint8_t temporal_id) { wanted_ = temporal_id; }
  [[nodiscard]] uint8_t present() const { return present_; }
  // A new encoding begins, with a key frame.
  void begin() {
    present_ = wanted_;
    picture_time_.reset();
  }
  [[nodiscard]] bool passes(const StoredPacket& packet) {
    if (present_ == LayerSelector::kAllTemporal && wanted_ == LayerSelector::kAllTemporal) return true;
    if (picture_time_ != packet.time) {
      picture_time_ = packet.time;
      on_picture(packet);
    }
    return passes_;
  }

 private:
  void on_picture(const StoredPacket& packet) {
    const uint8_t layer = packet.picture.temporal_id;
    if (wanted_ < present_ || packet.key) present_ = wanted_;
    if (layer > present_ && layer <= wanted_ && packet.picture.layer_sync) present_ = layer;
    passes_ = layer <= present_;
  }

  uint8_t wanted_ = LayerSelector::kAllTemporal;
  uint8_t present_ = LayerSelector::kAllTemporal;
  bool passes_ = true;
  std::optional<rtp::UnwrappedTime> picture_time_;
};

}  // namespace footlight::relay
