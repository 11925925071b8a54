#pragma once
#include <optional>

#include "base/units.h"
#include "rtp/ntp.h"
#include "rtp/types.h"

namespace footlight::relay {

// The line between a source's RTP time and its own wall clock, by its last sender report (RFC 3550 §6.4.1). Our
// reports to consumers lie on the same line, so capture times and lip sync pass through unharmed (mediasoup #1881);
// nobody's clock is compared with ours. Owned by a producer.
class SenderClock {
 public:
  void on_report(rtp::NtpTime ntp, rtp::UnwrappedTime time, Timestamp arrival) { last_ = {ntp, time, arrival}; }
  [[nodiscard]] bool known() const { return last_.has_value(); }
  // When the last report came.
  [[nodiscard]] std::optional<Timestamp> reported_at() const {
    return last_ ? std::optional(last_->arrival) : std::nullopt;
  }
  void reset() { last_.reset(); }

  [[nodiscard]] static rtp::NtpTime later(rtp::NtpTime ntp, Duration passed) {
    const int64_t us = passed.us();
    const int64_t seconds = us / 1'000'000;
    const int64_t fraction = ((us % 1'000'000) << 32) / 1'000'000;
    return rtp::NtpTime(ntp.value() + static_cast<uint64_t>(seconds << 32) + static_cast<uint64_t>(fraction));
  }
  // Both at `now`, of the source's clock. Only when known().
  [[nodiscard]] rtp::NtpTime ntp_at(Timestamp now) const { return later(last_->ntp, now - last_->arrival); }
  [[nodiscard]] rtp::UnwrappedTime time_at(Timestamp now, int clock_rate) const {
    return rtp::UnwrappedTime(last_->time.value() + (now - last_->arrival).us() * clock_rate / 1'000'000);
  }
  // The same moment on the source's wall clock and in its RTP time: how encodings of one source, each with an RTP time
  // of its own, are laid on one line. Only when known().
  [[nodiscard]] rtp::NtpTime ntp_of(rtp::UnwrappedTime time, int clock_rate) const {
    const int64_t ticks = time.value() - last_->time.value();
    const int64_t seconds = ticks / clock_rate;
    const int64_t fraction = ((ticks % clock_rate) << 32) / clock_rate;
    return rtp::NtpTime(last_->ntp.value() + static_cast<uint64_t>(seconds << 32) + static_cast<uint64_t>(fraction));
  }
  [[nodiscard]] rtp::UnwrappedTime time_of(rtp::NtpTime ntp, int clock_rate) const {
    const auto span = static_cast<int64_t>(ntp.value() - last_->ntp.value());  // 32.32 fixed point
    const int64_t fraction = span & 0xffffffff;
    return rtp::UnwrappedTime(last_->time.value() + (span >> 32) * clock_rate +
                              ((fraction * clock_rate + (int64_t{1} << 31)) >> 32));
  }

 private:
  struct Report {
    rtp::NtpTime ntp{};
    rtp::UnwrappedTime time{};
    Timestamp arrival{};
  };
  std::optional<Report> last_;
};

}  // namespace footlight::relay
