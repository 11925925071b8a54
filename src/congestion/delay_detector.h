#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "congestion/recent_least.h"

namespace footlight::congestion {

// What the trend of the one-way delay says: a queue drains, stands, or grows.
enum class Usage : uint8_t { kUnder, kNormal, kOver };

// Google congestion control's delay side (draft-ietf-rmcat-gcc-02 §5.1 to §5.4, the filter as libwebrtc's trendline):
// packets sent together form groups, the variation of delay between groups is summed and smoothed, and the slope of the
// last twenty is held against a threshold that adapts to the path's own jitter. Owned by a send controller. In:
// received packets in the order in which they were sent, arrivals on the receiver's clock from any zero.
class DelayDetector {
 public:
  void on_packet(Timestamp sent, Duration arrival, Timestamp now);

  // Over only when a queue stands: a burst that drains before the next is no congestion, whatever its trend. And over,
  // whatever the trend, each second that a long queue has stood: a full buffer grows no more. Unless that did not
  // shorten it: then it is somebody else's.
  [[nodiscard]] Usage usage() const {
    if (full_) return Usage::kOver;
    return usage_ == Usage::kOver && !standing_ ? Usage::kNormal : usage_;
  }
  // Delay above the least of the last ten to twenty seconds, of the packet that fared best in the last round.
  [[nodiscard]] Duration queue_delay() const { return queue_delay_; }
  // Begins a round: one feedback message.
  void begin_round() { round_least_.reset(); }
  void end_round(Timestamp now);

 private:
  static constexpr size_t kWindow = 20;  // groups
  struct Group {
    Timestamp first_sent{};
    Timestamp last_sent{};
    Duration first_arrival;
    Duration last_arrival;
  };
  struct Sample {
    double at_ms = 0;  // since origin_
    double delay_ms = 0;
  };

  [[nodiscard]] bool belongs(Timestamp sent, Duration arrival) const;
  void close_group(Timestamp now);
  void add_variation(Duration variation, Duration sent_apart, Duration arrival, Timestamp now);
  [[nodiscard]] double slope() const;
  void judge_queue(Timestamp now);
  void judge(double trend, Duration sent_apart, Timestamp now);
  void adapt_threshold(double modified, Timestamp now);
  void restart();

  std::optional<Group> current_;
  std::optional<Group> previous_;
  std::optional<Timestamp> last_packet_;

  std::array<Sample, kWindow> samples_{};
  size_t count_ = 0;  // variations seen; the ring is full from kWindow on
  std::optional<Duration> origin_;
  double accumulated_ms_ = 0;
  double smoothed_ms_ = 0;

  double threshold_ms_ = 12.5;  // gcc-02 §5.4: del_var_th(0)
  Timestamp threshold_at_{};
  double over_ms_ = -1;  // how long the trend has been over it; < 0: it is not
  int over_count_ = 0;
  double previous_trend_ = 0;
  Usage usage_ = Usage::kNormal;

  RecentLeast least_;
  std::optional<Duration> round_least_;
  Duration queue_delay_;
  std::optional<Timestamp> queue_since_;
  bool standing_ = false;
  std::optional<Timestamp> long_since_;
  bool full_ = false;
  Duration full_queue_;  // when it was last found full
  Timestamp foreign_until_{};
};

}  // namespace footlight::congestion
