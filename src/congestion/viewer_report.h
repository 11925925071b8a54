#pragma once
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "rtp/ntp.h"
#include "rtp/rtcp/report_block.h"

namespace footlight::congestion {

// What a receiver of ours reports back about one SSRC that we send: loss and round trip, smoothed for people and for
// the repair's timing. Owned by a consumer, on its shard thread. In: report blocks; out: figures. No adaptation here.
class ViewerReport {
 public:
  // `now`: wall time in NTP, the clock that our sender reports carry.
  void on_report(const rtp::rtcp::ReportBlock& block, rtp::NtpTime now);

  [[nodiscard]] double loss_ratio() const { return loss_ratio_; }            // 0 to 1, as last reported
  [[nodiscard]] std::optional<Duration> round_trip() const { return rtt_; }  // smoothed, gain 1/8 (RFC 6298 §2)
  [[nodiscard]] int32_t cumulative_lost() const { return cumulative_lost_; }
  [[nodiscard]] uint32_t jitter_ticks() const { return jitter_; }

 private:
  double loss_ratio_ = 0;
  std::optional<Duration> rtt_;
  int32_t cumulative_lost_ = 0;
  uint32_t jitter_ = 0;
};

}  // namespace footlight::congestion
