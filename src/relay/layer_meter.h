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

  bool alive = false;  // packets in the last second, or in the time of its last pictures where they are rare
  Timestamp alive_since{};
  Duration silence = Duration::max();        // since the last packet
  Duration before_newest = Duration::max();  // since the picture before the newest began
  Duration interval{};                       // between pictures; 0: not known
  codec::PictureSize size;                   // of the last key frame; zeros: not known
  // Bits a second, smoothed, of all frames up to this temporal id; the last: of all.
  std::array<int64_t, kTemporal> bps{};

  [[nodiscard]] int64_t whole() const { return bps.back(); }
};

// Measures one encoding. Owned by its producer. In: packets; out: facts, renewed every 100 ms.
class LayerMeter {
 public:
  static constexpr Duration kAlive = Duration::seconds(1);
  static constexpr int64_t kMissed = 3;  // pictures

  void on_packet(const StoredPacket& packet, Timestamp now) {
    if (!picture_time_ || packet.time > *picture_time_) {
      picture_time_ = packet.time;
      on_picture(now);
    }
    last_ = now;
    const size_t layer = std::min<size_t>(packet.picture.temporal_id, LayerFacts::kTemporal - 1);
    meters_[layer].add(static_cast<int64_t>(packet.payload.size()) * 8, now);
  }
  // Its time begins anew.
  void on_new_line() { picture_time_.reset(); }
  void on_size(codec::PictureSize size) { facts_.size = size; }
  [[nodiscard]] const LayerFacts& facts(Timestamp now) {
    if (last_) facts_.silence = now - *last_;
    if (picture_before_) facts_.before_newest = now - *picture_before_;
    facts_.alive = facts_.silence < alive_for();
    if (now - renewed_ >= kRenewal) renew(now);
    return facts_;
  }
  void reset() { *this = {}; }

 private:
  static constexpr Duration kRenewal = Duration::millis(100);
  // About a second's smoothing: key frames are a large part of a low layer's bits, and no reason to leave it.
  static constexpr int64_t kSmoothing = 8;
  static constexpr int64_t kPeakSmoothing = 32;
  static constexpr int64_t kIntervalSmoothing = 4;
  // Slides that stand for longer tell nothing of when the next one is due.
  static constexpr Duration kLongestInterval = Duration::seconds(5);

  [[nodiscard]] Duration alive_for() const { return std::max(kAlive, facts_.interval * kMissed); }
  void on_picture(Timestamp now) {
    const bool gap = !picture_ || now - *picture_ >= alive_for();
    if (picture_) {
      const Duration between = std::min(now - *picture_, kLongestInterval);
      const Duration known = facts_.interval;
      // After a gap it is another encoding, or slides have begun: the next picture tells.
      facts_.interval = known == Duration::zero() ? between
                        : gap                     ? Duration::zero()
                                                  : known + (between - known) / kIntervalSmoothing;
    }
    if (gap) facts_.alive_since = now;
    picture_before_ = picture_;
    picture_ = now;
  }
  void renew(Timestamp now) {
    renewed_ = now;
    const bool young = now - facts_.alive_since < Duration::seconds(2);
    int64_t sum = 0;
    for (size_t i = 0; i < LayerFacts::kTemporal; ++i) {
      sum += meters_[i].per_second(now);
      // Young encodings ramp up: their peak tells more than their mean. Pictures that come one by one seem young for
      // ever.
      const int64_t known = facts_.bps[i];
      facts_.bps[i] = young ? std::max(known - known / kPeakSmoothing, sum) : known + (sum - known) / kSmoothing;
    }
  }

  LayerFacts facts_;
  std::array<RateMeter, LayerFacts::kTemporal> meters_;
  std::optional<Timestamp> last_;
  std::optional<rtp::UnwrappedTime> picture_time_;
  std::optional<Timestamp> picture_;  // when the newest one began to arrive, and the one before
  std::optional<Timestamp> picture_before_;
  Timestamp renewed_{};
};

}  // namespace footlight::relay
