#include "relay/send_path.h"

#include "base/prefetch.h"

namespace footlight::relay {
// The history of what was sent is long, and only its newest line is touched.
void SendPath::prefetch_hot() const {
  prefetch(&budget_, sizeof budget_);
  prefetch(&controller_, 256);
}

bool SendPath::may_send(Timestamp now) {
  return !controller_.window_full() && budget_.may_send(controller_.pacing_rate(), now);
}

void SendPath::on_sent(std::optional<rtp::SeqNum> seq, size_t bytes, Timestamp now) {
  controller_.on_packet_sent(seq, bytes, now);
  budget_.on_sent(bytes, controller_.pacing_rate(), now);
}

void SendPath::on_report(const congestion::LossReport& report, std::optional<Duration> round_trip, Timestamp now) {
  if (round_trip) controller_.on_round_trip(*round_trip, now);
  controller_.on_receiver_report(report, now);
}

void SendPath::on_route_change(Timestamp now) {
  controller_.on_route_change(now);
  budget_ = {};
}

}  // namespace footlight::relay
