#include "relay/send_path.h"

#include <algorithm>

namespace footlight::relay {
namespace {

constexpr Duration kTurn = Duration::millis(5);  // how soon a held consumer is asked again

}  // namespace

bool SendPath::may_send(Timestamp now) {
  held_ = controller_.window_full() || !budget_.may_send(controller_.pacing_rate(), now);
  return !held_;
}

void SendPath::on_sent(std::optional<rtp::SeqNum> seq, size_t bytes, Timestamp now) {
  controller_.on_packet_sent(seq, bytes, now);
  budget_.on_sent(bytes, controller_.pacing_rate(), now);
}

void SendPath::on_report(const congestion::LossReport& report, std::optional<Duration> round_trip, Timestamp now) {
  if (round_trip) controller_.on_round_trip(*round_trip);
  controller_.on_receiver_report(report, now);
}

Timestamp SendPath::next_tick(Timestamp now) const {
  Timestamp next = controller_.next_tick();
  if (held_ || controller_.probing()) next = std::min(next, now + kTurn);
  return std::max(next, now);
}

}  // namespace footlight::relay
