#include "congestion/prober.h"

#include <algorithm>
#include <utility>

namespace footlight::congestion {
namespace {

// libwebrtc's ProbeController and BitrateProber: 15 ms and 5 packets; here longer, since a turn takes 5 to 10 ms.
constexpr Duration kClusterSpan = Duration::millis(25);
constexpr int kClusterPackets = 5;
// 30 KB, more than the bucket of a home router's shaper, in a time that leaves a short queue if it was in vain.
constexpr double kConfirmingBits = 30'000 * 8;
constexpr Duration kMinConfirming = Duration::millis(40);
constexpr Duration kMaxConfirming = Duration::millis(120);
constexpr int kLatePackets = 4;
constexpr Duration kGiveUpSending = Duration::millis(500);
constexpr int kFirstFactor = 3;  // the same source: first_exponential_probe_scale
constexpr int kFactor = 2;
// Decisions of ours: libwebrtc waits 5 s always; who gets a low layer would see that.
constexpr Duration kInterval = Duration::seconds(2);
constexpr Duration kMaxInterval = Duration::seconds(5);
// A cluster at twice the rate of a busy line leaves a queue of some 50 ms, which drains in this time.
constexpr Duration kEcho = Duration::millis(600);
constexpr Duration kRetry = Duration::millis(200);
// Whose estimate has fallen without a test may get it back so long; what is wanted decides then.
constexpr Duration kSeek = Duration::seconds(30);
// ProbeBitrateEstimator: enough of a cluster to judge by; what saturates a path is a little less than it bears.
constexpr double kMinReceived = 0.8;
constexpr double kSaturated = 0.9;
constexpr double kUtilization = 0.95;
constexpr Duration kMaxSpan = Duration::seconds(1);
constexpr Duration kMinSpan = Duration::millis(1);
// Of the ceiling: what is measured there comes out a little lower, and that must not be probed for ever.
constexpr double kEnough = 0.8;
constexpr double kGotThrough = 0.7;
constexpr double kFoundMore = 1.1;

double bps_of(int64_t bytes, Duration span) { return static_cast<double>(bytes) * 8 / span.seconds(); }

}  // namespace

void Prober::set_wanted(DataRate rate) {
  if (rate > wanted_) satisfied_ = false;
  wanted_ = rate;
}

void Prober::on_tick(DataRate estimate, bool calm, Duration patience, Timestamp now) {
  if (phase_ == Phase::kSending) settle(now);
  if (phase_ == Phase::kAwaited && now - cluster_.last_sent >= patience) fail(now);
  if (now >= sought_until_) lost_ = {};
  if (phase_ != Phase::kIdle || wanted_ == DataRate{} || now < next_) return;
  satisfied_ = static_cast<double>(estimate.bps()) >= kEnough * static_cast<double>(ceiling().bps());
  if (satisfied_) return;
  if (!calm) {
    next_ = now + kRetry;
    return;
  }
  if (unconfirmed_) {
    begin(*unconfirmed_, true, now);
    unconfirmed_.reset();
    return;
  }
  int factor = probes_ == 0 ? kFirstFactor : kFactor;
  begin(std::min(DataRate::bps(estimate.bps() * factor), ceiling()), false, now);
}

void Prober::on_decrease(Timestamp now) {
  satisfied_ = false;
  unconfirmed_.reset();
  interval_ = kInterval;
  next_ = std::max(next_, now + kInterval);
}

void Prober::seek(DataRate before, Timestamp now) {
  lost_ = std::max(lost_, before);
  sought_until_ = now + kSeek;
}

void Prober::on_new_path(Timestamp now) {
  phase_ = Phase::kIdle;
  unconfirmed_.reset();
  satisfied_ = false;
  lost_ = {};
  interval_ = {};
  next_ = now;
  probes_before_ += std::exchange(probes_, 0);
}

void Prober::begin(DataRate rate, bool confirms, Timestamp now) {
  uint8_t id = cluster_.id == UINT8_MAX ? uint8_t{1} : static_cast<uint8_t>(cluster_.id + 1);
  cluster_ = {};
  cluster_.id = id;
  cluster_.confirms = confirms;
  cluster_.rate = rate;
  cluster_.span = confirms ? std::clamp(Duration::seconds_f(kConfirmingBits / static_cast<double>(rate.bps())),
                                        kMinConfirming, kMaxConfirming)
                           : kClusterSpan;
  cluster_.started = cluster_.last_sent = now;
  phase_ = Phase::kSending;
  ++probes_;
}

std::optional<DataRate> Prober::rate() const {
  if (phase_ != Phase::kSending) return std::nullopt;
  return cluster_.rate;
}

bool Prober::recent(Timestamp now) const { return probes_ > 0 && now - cluster_.last_sent < kEcho; }

// The first turn opens the cluster; each later one brings what has become due since, whatever the turns' distance.
size_t Prober::bytes_due(Timestamp now) const {
  if (phase_ != Phase::kSending) return 0;
  if (cluster_.packets == 0) return 1;
  double scheduled = static_cast<double>(cluster_.rate.bps()) / 8 * (now - cluster_.started).seconds();
  double sent = static_cast<double>(cluster_.bytes - cluster_.first_turn_bytes);
  return static_cast<size_t>(std::max(0.0, scheduled - sent));
}

void Prober::on_sent(size_t bytes, Timestamp now) {
  if (phase_ != Phase::kSending) return;
  if (cluster_.packets == 0) cluster_.started = now;
  cluster_.last_sent = now;
  cluster_.bytes += static_cast<int64_t>(bytes);
  if (now == cluster_.started) cluster_.first_turn_bytes += static_cast<int64_t>(bytes);
  ++cluster_.packets;
  settle(now);
}

// Ends the sending of a cluster that is whole, or that could not be filled.
void Prober::settle(Timestamp now) {
  Duration elapsed = now - cluster_.started;
  if (elapsed >= cluster_.span && cluster_.packets >= kClusterPackets && bytes_due(now) == 0)
    phase_ = Phase::kAwaited;
  else if (elapsed >= kGiveUpSending)
    fail(now);
}

void Prober::fail(Timestamp now) {
  phase_ = Phase::kIdle;
  interval_ = std::clamp(interval_ + interval_ / 2, kInterval, kMaxInterval);
  next_ = now + interval_;
}

void Prober::on_received(uint8_t cluster, Timestamp sent, Duration arrival, size_t bytes) {
  Cluster& c = cluster_;
  if (phase_ == Phase::kIdle || cluster != c.id) return;
  auto size = static_cast<int64_t>(bytes);
  if (c.received == 0) {
    c.first_sent_at = c.last_sent_at = sent;
    c.first_arrival = c.last_arrival = arrival;
    c.first_bytes = size;
  }
  if (arrival < c.first_arrival) {
    c.first_arrival = arrival;
    c.first_bytes = size;
  }
  c.last_arrival = std::max(c.last_arrival, arrival);
  if (sent < c.first_sent_at) {
    c.first_sent_at = sent;
    c.first_turn_received = 0;
  }
  if (sent == c.first_sent_at) c.first_turn_received += size;
  c.last_sent_at = std::max(c.last_sent_at, sent);
  c.received_bytes += size;
  ++c.received;
  note_late(sent, arrival, size);
}

void Prober::note_late(Timestamp sent, Duration arrival, int64_t size) {
  Cluster& c = cluster_;
  if (!c.confirms || sent - c.started < c.span / 2) return;
  if (c.late++ == 0)
    c.late_arrival = arrival;
  else
    c.late_bytes += size;
}

// The lower of the rates of sending and of arrival, each over the span from the first to the last: what opens a span is
// not what was sent, or came, in it.
std::optional<DataRate> Prober::measure() const {
  const Cluster& c = cluster_;
  if (c.received < kMinReceived * c.packets || c.received < kClusterPackets - 1 ||
      static_cast<double>(c.received_bytes) < kMinReceived * static_cast<double>(c.bytes))
    return std::nullopt;
  Duration arrived = std::max(c.last_arrival - c.first_arrival, kMinSpan);
  Duration sent = c.last_sent_at - c.first_sent_at;
  if (arrived > kMaxSpan || sent > kMaxSpan) return std::nullopt;
  double received_bps = bps_of(c.received_bytes - c.first_bytes, arrived);
  if (c.late >= kLatePackets)
    received_bps = std::min(received_bps, bps_of(c.late_bytes, std::max(c.last_arrival - c.late_arrival, kMinSpan)));
  // All in one turn: only the spread of the arrivals tells. It is not believed beyond what was asked.
  double sent_bps =
      sent < kMinSpan ? static_cast<double>(c.rate.bps()) : bps_of(c.received_bytes - c.first_turn_received, sent);
  double bps = std::min(sent_bps, received_bps);
  if (received_bps < kSaturated * sent_bps) bps = kUtilization * received_bps;
  return DataRate::bps(static_cast<int64_t>(bps));
}

std::optional<Prober::Result> Prober::take_result(DataRate estimate, Timestamp now) {
  if (phase_ != Phase::kAwaited) return std::nullopt;
  auto measured = measure();
  if (!measured) return std::nullopt;
  auto found = static_cast<double>(measured->bps());
  bool more = found >= kFoundMore * static_cast<double>(estimate.bps());
  if (more && !cluster_.confirms) {
    phase_ = Phase::kIdle;
    next_ = now;
    unconfirmed_ = measured;
    return std::nullopt;
  }
  if (more && found >= kGotThrough * static_cast<double>(cluster_.rate.bps())) {
    phase_ = Phase::kIdle;
    next_ = now;
    interval_ = kInterval;
  } else {
    fail(now);
  }
  return Result{*measured, probes_ == 1};
}

}  // namespace footlight::congestion
