#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include "base/units.h"
#include "congestion/acknowledged_rate.h"
#include "congestion/application_limit.h"
#include "congestion/delay_detector.h"
#include "congestion/loss_controller.h"
#include "congestion/prober.h"
#include "congestion/rate_control.h"
#include "congestion/recent_least.h"
#include "congestion/sent_history.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/types.h"

namespace footlight::congestion {

struct SendLimits {
  DataRate min = DataRate::kbps(50);      // below it even one voice does not fit: nothing is gained by promising less
  DataRate start = DataRate::kbps(1000);  // a guess for the first round trip; the first probes correct it
  DataRate max = DataRate::kbps(50'000);
};

// What a receiver report says of packets really sent: numbers that we skipped ourselves are not loss (mediasoup #962).
struct LossReport {
  int64_t sent = 0;  // packets since the last report
  int64_t lost = 0;  // of these
};

// Figures for people: observed state, metrics, plots.
struct SendState {
  DataRate target;
  DataRate delay_based;
  std::optional<DataRate> loss_based;    // nullopt: loss does not limit
  std::optional<DataRate> acknowledged;  // what arrived; nullopt: not known yet
  double loss_ratio = 0;                 // 0 to 1, of about the last two seconds
  std::optional<Duration> round_trip;
  Duration queue_delay;  // above the least delay of the last ten to twenty seconds
  Usage usage = Usage::kNormal;
  bool application_limited = false;
  uint64_t probes = 0;
};

// Send-side congestion control of one path to a viewer: Google congestion control (draft-ietf-rmcat-gcc-02) as
// libwebrtc has practised it since, with a model of loss in place of its §6 and a bound on bytes in flight. One a
// viewer session, on its shard thread. In: sent packets, feedback, reports, time; out: target rate, pacing rate,
// probes. No memory is taken after construction. It cannot fail: any feedback leaves the target between min and max.
class SendController {
 public:
  // `feedback`: transport-wide feedback was agreed on; without it loss and round trip of receiver reports decide.
  SendController(const SendLimits& limits, bool feedback);

  // Each packet of the path, audio, retransmissions and padding included; `bytes`: the whole datagram. `seq`: its
  // transport-wide number, if it bore one.
  void on_packet_sent(std::optional<rtp::SeqNum> seq, size_t bytes, Timestamp now);
  void on_transport_feedback(const rtp::rtcp::TransportFeedback& feedback, Timestamp now);
  void on_receiver_report(const LossReport& report, Timestamp now);
  void on_round_trip(Duration rtt, Timestamp now);  // from a receiver report, or the handshake's as a first guess

  // What the viewer's best would take, all tracks: probing stops when the estimate has room for it. Zero: nothing is
  // wanted, never probe.
  void set_wanted(DataRate rate) { prober_.set_wanted(rate); }
  // Padding or retransmissions can be sent. Without them the estimate creeps up to what is wanted instead.
  void set_may_probe(bool may) { may_probe_ = may; }

  // Packets take another route from now on: nothing is known of it, and what is in flight belongs to the old one.
  void on_route_change(Timestamp now);
  // Nothing gets through: feedback has been due for a second or more.
  [[nodiscard]] bool silent() const { return before_silence_.has_value(); }
  // True once after an interruption: the end of a silence, or a change of route while feedback was overdue. What was on
  // its way is lost.
  [[nodiscard]] bool take_interrupted() { return std::exchange(interrupted_, false); }

  // Probes begin, silence is noticed: call each 5 to 10 ms.
  void on_tick(Timestamp now);

  [[nodiscard]] DataRate target() const { return target_; }
  // Media may leave this fast: faster than the target, so that frames are not held back (libwebrtc: 2.5).
  [[nodiscard]] DataRate pacing_rate() const;
  // More bytes on the way than a path at the target rate holds: video waits. Lets a queue drain after a drop.
  [[nodiscard]] bool window_full() const { return history_.in_flight() > window_; }
  // No probe or query is under way, and none is wanted.
  [[nodiscard]] bool at_rest() const { return !query_due_ && (!may_probe_ || !feedback_ || prober_.at_rest()); }
  // Bytes of padding or retransmissions that the probe under way wants now; 0 mostly.
  [[nodiscard]] size_t probe_bytes_due(Timestamp now) const { return query_due_ ? size_t{1} : prober_.bytes_due(now); }
  // There was nothing to send it with: a query that cannot leave tells nothing of the path.
  void on_probe_unsent(Timestamp now);
  [[nodiscard]] SendState state() const;

 private:
  void on_fate(const SentHistory::Packet& sent, std::optional<Duration> arrival, Duration offset, Timestamp now);
  void on_response(Duration response, Timestamp now);
  [[nodiscard]] Duration place_reference(Duration reference);
  void decide(Timestamp now);
  void update_target();
  [[nodiscard]] Duration round_trip() const;
  [[nodiscard]] Timestamp silence_at() const;
  [[nodiscard]] Duration silence_span() const;
  [[nodiscard]] Duration patience() const;
  void on_silence(Timestamp now);
  void end_silence(Timestamp now);
  void on_return(Duration response, Timestamp now);
  void begin_anew(DataRate start, Timestamp now);
  [[nodiscard]] bool overdue(Timestamp now) const;

  SendLimits limits_;
  const bool agreed_;  // on feedback
  bool feedback_;      // and it decides
  bool may_probe_ = false;
  bool heard_ = false;     // feedback has come
  bool numbered_ = false;  // what could be heard of has left since the last report
  int reports_unheard_ = 0;
  DataRate target_;
  DataRate pacing_;
  size_t window_ = SIZE_MAX;  // bytes in flight
  // What each sent packet touches comes first.
  ApplicationLimit application_;
  int64_t bytes_since_report_ = 0;
  std::optional<Timestamp> waiting_since_;  // for feedback on what is in flight
  Prober prober_;
  SentHistory history_;
  AcknowledgedRate acknowledged_;
  DelayDetector delay_;
  RateControl rate_;
  LossController loss_;

  std::optional<rtp::SeqNum> expected_base_;  // of the next feedback
  std::optional<Duration> last_reference_;
  Duration cycles_;
  std::optional<Timestamp> last_feedback_;
  std::optional<DataRate> before_silence_;  // the target; set while nothing gets through
  bool query_due_ = false;                  // a packet that asks whether it does again
  bool interrupted_ = false;
  std::optional<Duration> interval_;  // between feedback messages, smoothed
  // From sending the newest packet that a feedback names to having it, and the least of ten to twenty seconds.
  std::optional<Duration> response_;
  RecentLeast least_response_;
  // From receiver reports.
  std::optional<Duration> rtt_;
  RecentLeast least_rtt_;
  std::optional<Timestamp> reported_at_;
  int64_t reported_sent_ = 0;
  int64_t reported_lost_ = 0;
};

}  // namespace footlight::congestion
