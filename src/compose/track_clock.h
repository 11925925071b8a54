#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::compose {

// Maps one track's RTP time to the local clock: when would media of this RTP time have come in on the best of paths?
// Offset by the smallest of the last seconds' delays, offset and skew tracked by a second-order loop, so that jitter
// does not move it and ±200 ppm cost less than 2 ms. Owned by a FeedClock, under its lock; no clock reads.
class TrackClock {
 public:
  explicit TrackClock(int clock_rate) : rate_(clock_rate) {}

  // `rtp_time` unwrapped. A jump of more than kJump (the sender's clock was set anew) begins again.
  void on_arrival(int64_t rtp_time, Timestamp arrival);
  [[nodiscard]] bool known() const { return origin_.has_value(); }
  [[nodiscard]] Timestamp best_arrival(int64_t rtp_time) const;
  // RTP time (fractional) whose best arrival is `t`.
  [[nodiscard]] double rtp_time_at(Timestamp t) const;
  // How much faster the sender's clock runs than ours: 0.0002 is 200 ppm.
  [[nodiscard]] double skew() const { return -drift_; }
  [[nodiscard]] int rate() const { return rate_; }

  static constexpr Duration kJump = Duration::seconds(2);

 private:
  static constexpr Duration kBucket = Duration::millis(500);
  static constexpr size_t kBuckets = 8;  // 4 s: long enough to meet an unhindered packet, short against drift

  void begin(int64_t rtp_time, Timestamp arrival);
  void close_bucket(Timestamp now);
  [[nodiscard]] double media_us(int64_t rtp_time) const;
  [[nodiscard]] double offset_at(Timestamp t) const;

  int rate_;
  std::optional<int64_t> origin_;  // RTP time of the first arrival
  Timestamp anchor_;               // when offset_ was estimated
  double offset_ = 0;              // µs: local time minus media time, best case
  double drift_ = 0;               // µs a µs
  std::array<double, kBuckets> minima_{};
  size_t filled_ = 0;
  size_t next_ = 0;
  Timestamp bucket_start_;
  double bucket_min_ = 0;
};

}  // namespace footlight::compose
