#pragma once
#include <compare>
#include <cstdint>

namespace footlight {

// A span of time in whole microseconds. Other units appear only at the edge, in the named conversions.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration micros(int64_t v) { return Duration(v); }
  static constexpr Duration millis(int64_t v) { return Duration(v * 1000); }
  static constexpr Duration seconds(int64_t v) { return Duration(v * 1'000'000); }
  static constexpr Duration seconds_f(double v) {
    return Duration(static_cast<int64_t>(v * 1e6 + (v < 0 ? -0.5 : 0.5)));
  }
  static constexpr Duration zero() { return Duration(0); }
  static constexpr Duration max() { return Duration(INT64_MAX / 4); }

  [[nodiscard]] constexpr int64_t us() const { return us_; }
  [[nodiscard]] constexpr int64_t ms() const { return us_ / 1000; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(us_) / 1e6; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  constexpr Duration operator+(Duration o) const { return Duration(us_ + o.us_); }
  constexpr Duration operator-(Duration o) const { return Duration(us_ - o.us_); }
  constexpr Duration operator-() const { return Duration(-us_); }
  constexpr Duration operator*(int64_t k) const { return Duration(us_ * k); }
  constexpr Duration operator/(int64_t k) const { return Duration(us_ / k); }
  constexpr Duration& operator+=(Duration o) { return *this = *this + o; }
  constexpr Duration& operator-=(Duration o) { return *this = *this - o; }

 private:
  constexpr explicit Duration(int64_t v) : us_(v) {}
  int64_t us_ = 0;
};

// A point on the process's monotonic clock (CLOCK_MONOTONIC, microseconds). Never wall time: that is WallTime.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp micros(int64_t v) { return Timestamp(v); }
  static constexpr Timestamp millis(int64_t v) { return Timestamp(v * 1000); }
  static constexpr Timestamp max() { return Timestamp(INT64_MAX / 2); }
  static constexpr Timestamp min() { return Timestamp(INT64_MIN / 2); }
  [[nodiscard]] constexpr int64_t us() const { return us_; }
  [[nodiscard]] constexpr int64_t ms() const { return us_ / 1000; }

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  constexpr Timestamp operator+(Duration d) const { return Timestamp(us_ + d.us()); }
  constexpr Timestamp operator-(Duration d) const { return Timestamp(us_ - d.us()); }
  constexpr Duration operator-(Timestamp o) const { return Duration::micros(us_ - o.us_); }
  constexpr Timestamp& operator+=(Duration d) { return *this = *this + d; }

 private:
  constexpr explicit Timestamp(int64_t v) : us_(v) {}
  int64_t us_ = 0;
};

// A point of wall time: microseconds since 1970-01-01T00:00:00Z.
class WallTime {
 public:
  constexpr WallTime() = default;
  static constexpr WallTime micros(int64_t v) { return WallTime(v); }
  static constexpr WallTime millis(int64_t v) { return WallTime(v * 1000); }
  [[nodiscard]] constexpr int64_t us() const { return us_; }
  [[nodiscard]] constexpr int64_t ms() const { return us_ / 1000; }
  [[nodiscard]] constexpr int64_t unix_seconds() const { return us_ / 1'000'000; }

  friend constexpr auto operator<=>(WallTime, WallTime) = default;
  constexpr WallTime operator+(Duration d) const { return WallTime(us_ + d.us()); }
  constexpr WallTime operator-(Duration d) const { return WallTime(us_ - d.us()); }
  constexpr Duration operator-(WallTime o) const { return Duration::micros(us_ - o.us_); }

 private:
  constexpr explicit WallTime(int64_t v) : us_(v) {}
  int64_t us_ = 0;
};

// Bits a second.
class DataRate {
 public:
  constexpr DataRate() = default;
  static constexpr DataRate bps(int64_t v) { return DataRate(v); }
  static constexpr DataRate kbps(int64_t v) { return DataRate(v * 1000); }
  [[nodiscard]] constexpr int64_t bps() const { return bps_; }
  [[nodiscard]] constexpr int64_t kbps() const { return bps_ / 1000; }
  friend constexpr auto operator<=>(DataRate, DataRate) = default;

 private:
  constexpr explicit DataRate(int64_t v) : bps_(v) {}
  int64_t bps_ = 0;
};

}  // namespace footlight
