#include "relay/send_path.h"

namespace footlight::relay {
bool SendPath::may_send(Timestamp now) {
  return !controller_.window_full() && budget_.may_send(controller_.pacing_rate(), now);
}

void SendPath::on_sent(std::optional<rtp::SeqNum> seq, size_t bytes, Timestamp now) {
  controller_.on_packet_sent(seq, bytes, now);
  budget_.on_sent(bytes, controller_.pacing_rate(), now);
}

void SendPath::on_report(const congestion::LossReport& report, std::optional<Duration> round_trip, Timestamp now) {
  if (round_trip) controller_.on_round_trip(*round_trip);
  controller_.on_receiver_report(report, now);
}

void SendPath::on_route_change(Timestamp now) {
  controller_.on_route_change(now);
  budget_ = {};
}

}  // namespace footlight::relay
