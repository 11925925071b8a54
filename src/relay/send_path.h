#pragma once
#include <optional>

#include "base/units.h"
#include "congestion/send_budget.h"
#include "congestion/send_controller.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/types.h"

namespace footlight::relay {

// The way to one WebRTC viewer as its consumers see it: what rate it carries, and whether a packet may leave now. One a
// viewer session, shared by its consumers, on the shard thread. In: every sent packet, feedback, reports; out: target,
// allowance, wishes for probe packets. It holds no packet: a consumer whose allowance is spent leaves its cursor behind
// and asks again at the next tick. Audio is accounted and never asks. It cannot fail.
class SendPath {
 public:
  // `transport_cc`: the viewer agreed to send transport-wide feedback.
  explicit SendPath(bool transport_cc, const congestion::SendLimits& limits = {}) : controller_(limits, transport_cc) {}

  // ---- for consumers, per packet
  // Whether video may leave now. A frame of ordinary size passes in one turn; a large one is spread over ticks.
  [[nodiscard]] bool may_send(Timestamp now);
  // Whether lost packets may be sent again now: behind a full queue they only lengthen it, and are asked for once more.
  [[nodiscard]] bool may_repair() const { return !controller_.window_full(); }
  void prefetch_hot() const;
  // Each datagram that left, of any kind; `bytes` as send_rtp() returned them. `seq`: its transport-wide number, if it
  // bore one.
  void on_sent(std::optional<rtp::SeqNum> seq, size_t bytes, Timestamp now);
  // After the media of a tick: retransmissions of the last second, or padding on the RTX stream, are wanted until this
  // is 0. They go through on_sent() like all others.
  [[nodiscard]] size_t probe_bytes_due(Timestamp now) const { return controller_.probe_bytes_due(now); }
  // No consumer had anything to send them with.
  void on_probe_unsent(Timestamp now) { controller_.on_probe_unsent(now); }

  // ---- for the session
  // No probe or query is under way, and none is wanted: ticks may come less often.
  [[nodiscard]] bool at_rest() const { return controller_.at_rest(); }
  void on_feedback(const rtp::rtcp::TransportFeedback& feedback, Timestamp now) {
    controller_.on_transport_feedback(feedback, now);
  }
  // A consumer's report: packets since its last one, without the numbers that were never sent (mediasoup #962).
  void on_report(const congestion::LossReport& report, std::optional<Duration> round_trip, Timestamp now);
  void on_handshake_round_trip(Duration rtt, Timestamp now) { controller_.on_round_trip(rtt, now); }
  // Rate of the best that all consumers together would send if they could, audio included. Zero: nothing.
  void set_wanted(DataRate rate) { controller_.set_wanted(rate); }
  // Another pair of addresses carries it from now on.
  void on_route_change(Timestamp now);
  // True once after an interruption: what was on its way is lost.
  [[nodiscard]] bool take_interrupted() { return controller_.take_interrupted(); }
  // A consumer has an RTX stream to probe with.
  void set_may_probe(bool may) { controller_.set_may_probe(may); }

  // Before the consumers' own tick.
  void tick(Timestamp now) { controller_.on_tick(now); }

  // ---- for decisions
  // Nothing gets through.
  [[nodiscard]] bool silent() const { return controller_.silent(); }
  [[nodiscard]] DataRate target() const { return controller_.target(); }
  [[nodiscard]] congestion::SendState state() const { return controller_.state(); }

 private:
  congestion::SendController controller_;
  congestion::SendBudget budget_;
};

}  // namespace footlight::relay
