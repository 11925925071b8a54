#pragma once
#include "base/units.h"

namespace footlight {

// Where time comes from. Machines of floors 0 to 2 take `now` as a parameter and never hold a Clock; only net, the
// engines' loops and app do. Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] WallTime wall_now() const override;
  static SystemClock& get();
};

// The tests' hand-turned clock. One thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp::millis(1'000'000),
                       WallTime wall = WallTime::millis(1'700'000'000'000))
      : now_(start), wall_(wall) {}
  [[nodiscard]] Timestamp now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override { return wall_; }
  void advance(Duration d) {
    now_ += d;
    wall_ = wall_ + d;
  }

 private:
  Timestamp now_;
  WallTime wall_;
};

}  // namespace footlight
