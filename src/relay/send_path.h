#pragma once
#include <optional>

#include "base/units.h"
#include "congestion/send_controller.h"
#include "rtp/rtcp/report_block.h"
#include "rtp/rtcp/transport_feedback.h"

namespace footlight::relay {

using congestion::PacketKind;  // kAudio, kVideo, kRetransmission, kPadding

// The way to one WebRTC viewer as its consumers see it: what rate it carries, and whether a packet may leave now. One a
// viewer session, shared by its consumers, on the shard thread. In: every sent packet, feedback, reports; out: target,
// allowance, wishes for probe packets. It holds no packet: a consumer whose allowance is spent leaves its cursor behind
// and asks again at next_tick(). Audio is accounted and never asks.
class SendPath {
 public:
  // `transport_cc`: the viewer agreed to send transport-wide feedback.
  SendPath(bool transport_cc, congestion::SendLimits limits = {});

  // ---- for consumers, per packet
  // Whether video may leave now. A frame of ordinary size passes in one turn; a large one is spread over ticks.
  [[nodiscard]] bool may_send(Timestamp now);
  // Each datagram that left, `bytes` as send_rtp() returned them. `seq`: its transport-wide number, if it bore one.
  void on_sent(std::optional<rtp::SeqNum> seq, size_t bytes, PacketKind kind, Timestamp now);
  // After media of a turn and at each tick: send retransmissions of the last second (or padding on the RTX stream)
  // until this is 0 or nothing is left to send. Packets so sent go through on_sent() like all others.
  [[nodiscard]] size_t probe_bytes_due(Timestamp now) const { return controller_.probe_bytes_due(now); }

  // ---- for the session
  void on_feedback(const rtp::rtcp::TransportFeedback& feedback, Timestamp now) {
    controller_.on_transport_feedback(feedback, now);
  }
  // A consumer's report. `sent` and `lost`: packets since its last report, without numbers that were never sent.
  void on_report(const congestion::LossReport& report, std::optional<Duration> round_trip, Timestamp now);
  void on_handshake_round_trip(Duration rtt) { controller_.on_round_trip(rtt); }
  // Rate of the best that all consumers together would send if they could: layers times their headroom, audio included.
  void set_wanted(DataRate rate) { controller_.set_wanted(rate); }
  // A consumer has an RTX stream to probe with.
  void set_may_probe(bool may) { controller_.set_may_probe(may); }

  void tick(Timestamp now);
  // When tick() has something to do, or a held consumer may go on; Timestamp::max() for an idle viewer.
  [[nodiscard]] Timestamp next_tick() const;

  // ---- for decisions
  [[nodiscard]] DataRate target() const { return controller_.target(); }
  [[nodiscard]] congestion::SendState state() const { return controller_.state(); }

 private:
  congestion::SendController controller_;
  // Bytes sent ahead of the pacing rate; may be negative never, it decays with time.
  int64_t debt_ = 0;
  Timestamp debt_at_{};
  bool held_ = false;
};

}  // namespace footlight::relay
