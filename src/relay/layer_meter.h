#pragma once
#include <algorithm>
#include <array>

#include "codec/picture_size.h"
#include "relay/rate_meter.h"
#include "relay/stored_packet.h"

namespace footlight::relay {

// What one encoding costs and shows, as consumers choose by it.
struct LayerFacts {
  static constexpr size_t kTemporal = 3;

  bool alive = false;  // packets in the last second
  Timestamp alive_since{};
  Duration silence = Duration::max();  // since the last packet
  codec::PictureSize size;             // of the last key frame; zeros: not known
  // Bits a second, smoothed, of all frames up to this temporal id; the last: of all.
  std::array<int64_t, kTemporal> bps{};

  [[nodiscard]] int64_t whole() const { return bps.back(); }
};

// Measures one encoding. Owned by its producer. In: packets; out: facts, renewed every 100 ms.
class LayerMeter {
 public:
  static constexpr Duration kAlive = Duration::seconds(1);

  void on_packet(const PictureNumbers& picture, size_t bytes, Timestamp now) {
    if (!last_ || now - *last_ >= kAlive) facts_.alive_since = now;
    last_ = now;
    const size_t layer = std::min<size_t>(picture.temporal_id, LayerFacts::kTemporal - 1);
    meters_[layer].add(static_cast<int64_t>(bytes) * 8, now);
  }
  void on_size(codec::PictureSize size) { facts_.size = size; }
  [[nodiscard]] const LayerFacts& facts(Timestamp now) {
    if (last_) facts_.silence = now - *last_;
    facts_.alive = facts_.silence < kAlive;
    if (now - renewed_ >= kRenewal) renew(now);
    return facts_;
  }
  void reset() { *this = {}; }

 private:
  static constexpr Duration kRenewal = Duration::millis(100);
  // About a second's smoothing: key frames are a large part of a low layer's bits, and no reason to leave it.
  static constexpr int64_t kSmoothing = 8;

  void renew(Timestamp now) {
    renewed_ = now;
    const bool young = now - facts_.alive_since < Duration::seconds(2);
    int64_t sum = 0;
    for (size_t i = 0; i < LayerFacts::kTemporal; ++i) {
      sum += meters_[i].per_second(now);
      // Young encodings ramp up: their peak tells more than their mean.
      facts_.bps[i] = young ? std::max(facts_.bps[i], sum) : facts_.bps[i] + (sum - facts_.bps[i]) / kSmoothing;
    }
  }

  LayerFacts facts_;
  std::array<RateMeter, LayerFacts::kTemporal> meters_;
  std::optional<Timestamp> last_;
  Timestamp renewed_{};
};

}  // namespace footlight::relay
