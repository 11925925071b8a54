#include "congestion/send_controller.h"

#include <algorithm>

#include "congestion/arrival_recorder.h"

namespace footlight::congestion {
namespace {

// libwebrtc's PacingController paces by 2.5 times the target. On a narrow line each packet of a burst is a tenth of a
// second in front of the voice: there the factor falls, to 1 where hardly more than a voice fits.
constexpr double kPacingFactor = 2.5;
constexpr double kNarrowBps = 120'000;
// A queue beyond this is left alone: no probe adds to it.
constexpr Duration kCalmQueue = Duration::millis(50);
// Less than this, just after a probe, is the probe's own.
constexpr Duration kProbeQueue = Duration::millis(100);
// A path carries its round trip and the wait for feedback; this much more may stand in queues (libwebrtc's congestion
// window allows 350 ms; a viewer who watches live has less to spare).
constexpr Duration kQueueAllowance = Duration::millis(120);
// A few packets pass in any case, but on a narrow line no more than this stands in front of the voice.
constexpr double kNarrowWindow = 0.35;  // seconds
constexpr double kMinWindow = 3 * 1200;
constexpr double kEnoughWindow = 10 * 1200;

// Of what was sent, in time: jitter spreads an arrival or two, a path that bears less spreads all.
constexpr double kAllDelivered = 0.7;
// Receivers report every 50 to 250 ms: nothing for longer means that packets or reports do not get through.
constexpr Duration kSilence = Duration::seconds(1);
constexpr Duration kSilenceStep = Duration::millis(500);
constexpr double kSilenceFactor = 0.7;
constexpr Duration kDefaultRoundTrip = Duration::millis(100);
// Without feedback on arrivals: a round trip this much above its least is a queue.
constexpr Duration kReportQueue = Duration::millis(100);
constexpr Duration kReportSpan = Duration::millis(200);
constexpr int kReportsUntilDoubt = 4;
// After such a fall in one step, what was seen before is of another path.
constexpr double kPathChanged = 0.7;
constexpr Duration kReferenceCycle = rtp::rtcp::kFeedbackReferenceTick * (int64_t{1} << 24);

template <class T>
void smooth(std::optional<T>& value, T sample) {
  value = value ? *value + (sample - *value) / 8 : sample;  // gain of RFC 6298 §2
}

}  // namespace

SendController::SendController(const SendLimits& limits, bool feedback)
    : limits_(limits), agreed_(feedback), feedback_(feedback), rate_(limits.start, limits.min, limits.max) {
  update_target();
}

void SendController::on_packet_sent(std::optional<rtp::SeqNum> seq, size_t bytes, Timestamp now) {
  application_.on_sent(bytes, target_, now);
  bytes_since_report_ += static_cast<int64_t>(bytes);
  if (seq) {
    numbered_ = true;
    if (!waiting_since_) waiting_since_ = now;
    history_.on_sent(*seq, bytes, prober_.cluster(), now);
    query_due_ = false;
  }
  prober_.on_sent(bytes, now);
}

// The far side's clock goes round after 12 days; what it says is put on one that does not.
Duration SendController::place_reference(Duration reference) {
  if (last_reference_) {
    Duration step = reference - *last_reference_;
    if (step > kReferenceCycle / 2) cycles_ = cycles_ - kReferenceCycle;
    if (step < -(kReferenceCycle / 2)) cycles_ += kReferenceCycle;
  }
  last_reference_ = reference;
  return cycles_;
}

void SendController::on_transport_feedback(const rtp::rtcp::TransportFeedback& feedback, Timestamp now) {
  if (!agreed_) return;
  Duration offset = place_reference(feedback.reference_time());
  if (expected_base_ && feedback.base_seq() != *expected_base_) acknowledged_.on_gap();
  expected_base_ = feedback.base_seq().plus(feedback.packet_count());
  std::optional<Timestamp> newest;
  delay_.begin_round();
  auto reader = feedback.packets();
  for (rtp::rtcp::TransportFeedback::Packet p; reader.next(p);) {
    auto sent = history_.report(p.seq, p.arrival.has_value(), now);
    if (!sent) continue;
    on_fate(*sent, p.arrival, offset, now);
    if (p.arrival) newest = std::max(newest.value_or(sent->sent), sent->sent);
  }
  if (!newest) return;
  delay_.end_round(now);
  heard_ = feedback_ = true;
  // Packets come through at once again: the path is back. Later ones have only stood in a long queue.
  if (silent() && now - *newest < patience()) return on_return(now - *newest, now);
  on_response(now - *newest, now);
  before_silence_.reset();
  last_feedback_ = now;
  if (history_.in_flight() > 0)
    waiting_since_ = now;
  else
    waiting_since_.reset();
  decide(now);
}

void SendController::on_fate(const SentHistory::Packet& sent, std::optional<Duration> arrival, Duration offset,
                             Timestamp now) {
  if (sent.before == SentHistory::Fate::kInFlight) {
    loss_.on_packet(sent.sent, sent.bytes, arrival.has_value());
    if (!arrival) acknowledged_.on_lost(sent.bytes);
  } else if (arrival) {
    loss_.on_found();
  }
  if (!arrival) return;
  Duration at = *arrival + offset;
  acknowledged_.on_packet(sent.sent, at, sent.bytes);
  delay_.on_packet(sent.sent, at, now);
  if (sent.probe != 0) prober_.on_received(sent.probe, sent.sent, at, sent.bytes);
}

void SendController::on_response(Duration response, Timestamp now) {
  smooth(response_, response);
  if (last_feedback_) smooth(interval_, std::min(now - *last_feedback_, kMaxFeedbackInterval));
  least_response_.add(response, now);
}

void SendController::decide(Timestamp now) {
  application_.on_time(target_, now);
  RateControl::Input input;
  input.usage = delay_.usage();
  if (input.usage == Usage::kOver && prober_.recent(now) && delay_.queue_delay() < kProbeQueue)
    input.usage = Usage::kUnder;
  input.acknowledged = acknowledged_.rate();
  input.untested = application_.limited() && acknowledged_.delivered() >= kAllDelivered;
  input.round_trip = round_trip();
  input.hold = may_probe_ && application_.limited();
  if (!may_probe_) input.ceiling = prober_.ceiling();
  DataRate before = rate_.rate();
  rate_.update(input, now);
  if (rate_.rate() < before) {
    prober_.on_decrease(now);
    if (input.untested) prober_.seek(before, now);
  }
  if (static_cast<double>(rate_.rate().bps()) < kPathChanged * static_cast<double>(before.bps())) loss_.forget();
  if (auto result = prober_.take_result(target_, now))
    if (result->rate > rate_.rate() || result->first) rate_.on_probe(result->rate, now);
  loss_.update(rate_.rate(), input.acknowledged, now);
  update_target();
}

void SendController::on_receiver_report(const LossReport& report, Timestamp now) {
  if (feedback_) {
    // A peer that agreed on feedback and sends none on what bears a number is judged by its reports, until it does.
    if (!heard_ && std::exchange(numbered_, false) && ++reports_unheard_ >= kReportsUntilDoubt) feedback_ = false;
    return;
  }
  if (!reported_at_) {  // since when it tells is not known
    reported_at_ = now;
    bytes_since_report_ = 0;
    return;
  }
  reported_sent_ += report.sent;
  reported_lost_ += report.lost;
  Duration span = now - *reported_at_;
  if (span < kReportSpan || reported_sent_ <= 0) return;
  DataRate sent = DataRate::bps(bytes_since_report_ * 8'000'000 / span.us());
  loss_.on_report(reported_sent_, reported_lost_, sent);
  double arrived = 1 - static_cast<double>(std::clamp<int64_t>(reported_lost_, 0, reported_sent_)) /
                           static_cast<double>(reported_sent_);
  reported_at_ = now;
  reported_sent_ = reported_lost_ = bytes_since_report_ = 0;
  application_.on_time(target_, now);
  RateControl::Input input;
  input.acknowledged = DataRate::bps(static_cast<int64_t>(static_cast<double>(sent.bps()) * arrived));
  input.round_trip = round_trip();
  if (rtt_ && *rtt_ - least_rtt_.value().value_or(*rtt_) > kReportQueue) input.usage = Usage::kOver;
  input.ceiling = prober_.ceiling();
  rate_.update(input, now);
  loss_.update(rate_.rate(), input.acknowledged, now);
  update_target();
}

void SendController::on_round_trip(Duration rtt, Timestamp now) {
  if (rtt <= Duration::zero()) return;
  smooth(rtt_, rtt);
  least_rtt_.add(rtt, now);
}

Duration SendController::round_trip() const { return rtt_.value_or(response_.value_or(kDefaultRoundTrip)); }

void SendController::on_tick(Timestamp now) {
  if (now >= silence_at()) on_silence(now);
  if (!may_probe_ || !feedback_) return;
  bool calm = delay_.usage() == Usage::kNormal && delay_.queue_delay() < kCalmQueue && !loss_.limit();
  prober_.on_tick(target_, calm, patience(), now);
}

// On a path whose round trip is not known yet, a satellite's is waited for.
Duration SendController::silence_span() const {
  return rtt_ || response_ ? std::max(kSilence, round_trip() * 3) : kSilence * 3;
}

// How long feedback on a packet may be on its way.
Duration SendController::patience() const {
  if (!rtt_ && !response_) return kSilence * 3;
  return std::max(kSilence, round_trip() * 3 / 2 + kMaxFeedbackInterval);
}

void SendController::on_probe_unsent(Timestamp now) {
  if (query_due_) end_silence(now);
}

Timestamp SendController::silence_at() const {
  if (!feedback_ || !heard_ || !waiting_since_) return Timestamp::max();
  return *waiting_since_ + silence_span();
}

void SendController::on_silence(Timestamp now) {
  if (history_.in_flight() == 0) return end_silence(now);  // nothing was sent: nothing is due
  if (!silent()) before_silence_ = target_;
  // What waits for a key frame sends nothing by itself.
  query_due_ = may_probe_;
  rate_.back_off(kSilenceFactor, now);
  prober_.on_decrease(now);
  history_.give_up();  // or the window would never open again
  waiting_since_ = now - silence_span() + kSilenceStep;
  update_target();
}

void SendController::end_silence(Timestamp now) {
  query_due_ = false;
  waiting_since_.reset();
  if (!silent()) return;
  rate_.restore(*before_silence_, now);
  before_silence_.reset();
  update_target();
}

void SendController::on_return(Duration response, Timestamp now) {
  const DataRate start = std::min(*before_silence_, std::max(limits_.start, target_));
  interrupted_ = true;
  begin_anew(start, now);
  on_response(response, now);
  // The round trip is known again, or a long one would seem silent at once; the key frame that is due now leaves whole.
  least_response_ = {};
  update_target();
}

// As libwebrtc's OnNetworkRouteChange: no more than a guess, and no more than the old route bore.
void SendController::on_route_change(Timestamp now) {
  interrupted_ = interrupted_ || !feedback_ || overdue(now);
  begin_anew(std::min(before_silence_.value_or(target_), limits_.start), now);
}

bool SendController::overdue(Timestamp now) const {
  return silent() || (waiting_since_ && now - *waiting_since_ > kMaxFeedbackInterval + round_trip());
}

void SendController::begin_anew(DataRate start, Timestamp now) {
  history_.forget();
  acknowledged_ = {};
  delay_ = {};
  rate_ = RateControl(start, limits_.min, limits_.max);
  loss_ = {};
  application_ = {};
  prober_.on_new_path(now);
  expected_base_.reset();
  last_feedback_.reset();
  waiting_since_.reset();
  before_silence_.reset();
  query_due_ = false;
  interval_.reset();
  response_.reset();
  least_response_ = {};
  rtt_.reset();
  least_rtt_ = {};
  reported_at_.reset();
  reported_sent_ = reported_lost_ = bytes_since_report_ = 0;
  update_target();
}

// What each packet asks for is worked out here once.
void SendController::update_target() {
  target_ = rate_.rate();
  if (auto limit = loss_.limit()) target_ = std::min(target_, *limit);
  target_ = std::clamp(target_, limits_.min, limits_.max);
  const auto bps = static_cast<double>(target_.bps());
  pacing_ = DataRate::bps(static_cast<int64_t>(bps * std::clamp(bps / kNarrowBps, 1.0, kPacingFactor)));
  const auto least = least_response_.value();
  if (!feedback_ || !least) {
    window_ = SIZE_MAX;
    return;
  }
  Duration held = *least + interval_.value_or(kMaxFeedbackInterval) + kQueueAllowance;
  const double least_window = std::clamp(bps / 8 * kNarrowWindow, kMinWindow, kEnoughWindow);
  window_ = static_cast<size_t>(std::max(least_window, bps / 8 * held.seconds()));
}

DataRate SendController::pacing_rate() const {
  auto probe = prober_.rate();
  return probe ? std::max(pacing_, *probe) : pacing_;
}

SendState SendController::state() const {
  SendState state;
  state.target = target_;
  state.delay_based = rate_.rate();
  state.loss_based = loss_.limit();
  state.acknowledged = acknowledged_.rate();
  state.loss_ratio = loss_.loss_ratio();
  state.round_trip = rtt_ ? rtt_ : response_;
  state.queue_delay = delay_.queue_delay();
  state.usage = delay_.usage();
  state.application_limited = application_.limited();
  state.probes = prober_.probes();
  return state;
}

}  // namespace footlight::congestion
