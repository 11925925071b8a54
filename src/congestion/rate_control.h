#pragma once
#include <optional>

#include "base/units.h"
#include "congestion/delay_detector.h"

namespace footlight::congestion {

// The rate that the delay allows (draft-ietf-rmcat-gcc-02 §5.5): up by a share while nothing is known of the path's
// capacity, by about a packet a round trip near it, down to 0.85 of what arrives when a queue grows. Owned by a send
// controller. In: the detector's word and the acknowledged rate; out: a rate, never above 1.2 times what was proven.
class RateControl {
 public:
  struct Input {
    Usage usage = Usage::kNormal;
    std::optional<DataRate> acknowledged;
    // Clearly less than the rate is sent, and it arrives as fast: what arrives says nothing of what the path bears.
    bool untested = false;
    Duration round_trip;
    bool hold = false;  // the estimate is not put to the test: it must not grow by itself
    // How far the estimate may grow beyond what arrives (probing impossible); else 1.2 times that.
    std::optional<DataRate> ceiling;
  };

  RateControl(DataRate start, DataRate min, DataRate max) : rate_(start), min_(min), max_(max) {}

  void update(const Input& input, Timestamp now);
  // A probe has shown that so much gets through.
  void on_probe(DataRate measured, Timestamp now);
  // It is `rate` again: what it was lowered for has proved to be nothing.
  void restore(DataRate rate, Timestamp now);
  // Silence: by a factor down.
  void back_off(double factor, Timestamp now);

  [[nodiscard]] DataRate rate() const { return rate_; }

 private:
  // What arrived each time a queue grew: mean and spread (libwebrtc's LinkCapacityEstimator).
  class Capacity {
   public:
    void on_overuse(double kbps);
    void reset() { mean_ = -1; }
    [[nodiscard]] bool known() const { return mean_ >= 0; }
    [[nodiscard]] double mean() const { return mean_; }
    [[nodiscard]] double lower() const;
    [[nodiscard]] double upper() const;

   private:
    [[nodiscard]] double deviation() const;
    double mean_ = -1;       // kbit/s; < 0: unknown
    double variance_ = 0.4;  // in kbit/s, relative to the mean
  };

  void increase(const Input& input, Timestamp now);
  void decrease(const Input& input, Timestamp now);
  void set(double bps);

  DataRate rate_;
  DataRate min_;
  DataRate max_;
  Capacity capacity_;
  Timestamp updated_{};
  std::optional<Timestamp> last_decrease_;
};

}  // namespace footlight::congestion
