#include "congestion/viewer_report.h"

namespace footlight::congestion {

void ViewerReport::on_report(const rtp::rtcp::ReportBlock& block, rtp::NtpTime now) {
  constexpr double kWholeFraction = 256;
  loss_ratio_ = block.fraction_lost / kWholeFraction;
  cumulative_lost_ = block.cumulative_lost;
  jitter_ = block.jitter;
  if (block.last_sr == rtp::CompactNtp{}) return;  // has not heard a sender report of ours yet
  Duration sample = rtp::round_trip(now, block.last_sr, block.delay_since_last_sr);
  rtt_ = rtt_ ? *rtt_ + (sample - *rtt_) / 8 : sample;
}

}  // namespace footlight::congestion
