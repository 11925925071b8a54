#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/strong.h"
#include "base/units.h"

namespace footlight::rtp {

using Ssrc = Strong<struct SsrcTag, uint32_t>;
using PayloadType = Strong<struct PayloadTypeTag, uint8_t>;  // 0..127

// A number of the wire that wraps: equal or not, but without order. Order exists only once it is unwrapped.
template <class Tag, class T>
class Wrapping {
 public:
  using Value = T;
  constexpr Wrapping() = default;
  constexpr explicit Wrapping(T value) : value_(value) {}
  [[nodiscard]] constexpr T value() const { return value_; }
  [[nodiscard]] constexpr Wrapping plus(T n) const { return Wrapping(static_cast<T>(value_ + n)); }
  friend constexpr bool operator==(Wrapping, Wrapping) = default;

 private:
  T value_{};
};

using SeqNum = Wrapping<struct SeqNumTag, uint16_t>;    // RFC 3550 §5.1 sequence number
using RtpTime = Wrapping<struct RtpTimeTag, uint32_t>;  // RFC 3550 §5.1 timestamp, in the track's clock rate

// A sequence number with its wraps counted: ordered, never negative for what a SeqUnwrapper gives.
class UnwrappedSeq {
 public:
  constexpr UnwrappedSeq() = default;
  constexpr explicit UnwrappedSeq(int64_t value) : value_(value) {}
  [[nodiscard]] constexpr int64_t value() const { return value_; }
  [[nodiscard]] constexpr SeqNum wrapped() const { return SeqNum(static_cast<uint16_t>(value_)); }
  [[nodiscard]] constexpr UnwrappedSeq plus(int64_t n) const { return UnwrappedSeq(value_ + n); }
  constexpr int64_t operator-(UnwrappedSeq o) const { return value_ - o.value_; }
  friend constexpr auto operator<=>(UnwrappedSeq, UnwrappedSeq) = default;

 private:
  int64_t value_ = 0;
};

// A timestamp with its wraps counted, in ticks of the track's clock.
using UnwrappedTime = Strong<struct UnwrappedTimeTag, int64_t>;

// Counts wraps of one stream. Each number is placed nearest to the newest one seen, so a late packet never moves the
// reference back. The first gets one whole cycle below it: what was sent before it stays positive and ordered.
template <class Wrapped, class Unwrapped>
class Unwrapper {
 public:
  [[nodiscard]] Unwrapped unwrap(Wrapped wrapped) {
    Unwrapped result = peek(wrapped);
    if (!newest_ || result > *newest_) newest_ = result;
    return result;
  }
  // Where unwrap() would place it, without moving the reference: for numbers that the far side names (NACK, feedback).
  [[nodiscard]] Unwrapped peek(Wrapped wrapped) const {
    if (!newest_) return Unwrapped(kCycle + int64_t{wrapped.value()});
    auto ahead = static_cast<T>(wrapped.value() - static_cast<T>(newest_->value()));
    int64_t distance = ahead < kCycle / 2 ? int64_t{ahead} : int64_t{ahead} - kCycle;
    return Unwrapped(newest_->value() + distance);
  }
  [[nodiscard]] std::optional<Unwrapped> newest() const { return newest_; }
  void reset() { newest_.reset(); }
  // The stream goes on from here, though it may lie behind: what comes is placed nearest to it.
  void go_on_from(Unwrapped at) { newest_ = at; }

 private:
  using T = typename Wrapped::Value;
  static constexpr int64_t kCycle = int64_t{1} << (8 * sizeof(T));
  std::optional<Unwrapped> newest_;
};

using SeqUnwrapper = Unwrapper<SeqNum, UnwrappedSeq>;
using TimeUnwrapper = Unwrapper<RtpTime, UnwrappedTime>;

}  // namespace footlight::rtp

template <class Tag, class T>
struct std::hash<footlight::rtp::Wrapping<Tag, T>> {
  size_t operator()(footlight::rtp::Wrapping<Tag, T> w) const noexcept { return std::hash<T>{}(w.value()); }
};
