#include "congestion/testing_network.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "rtp/rtcp/compound.h"

namespace footlight::congestion::test {
namespace {

constexpr Duration kStep = Duration::millis(1);
constexpr Duration kTurn = Duration::millis(10);  // the relay's tick
constexpr Duration kFrame = Duration::micros(33'333);
constexpr Duration kAudio = Duration::millis(20);
constexpr size_t kAudioBytes = 130;
constexpr DataRate kAudioRate = DataRate::bps(static_cast<int64_t>(kAudioBytes) * 8 * 50);
constexpr size_t kPacket = 1200;
constexpr Duration kSampleEvery = Duration::millis(50);
constexpr size_t kReceivedSamples = 10;  // half a second
// A switch of layers waits for a key frame, and a small lack may pass, as in the relay's layer selector.
constexpr Duration kLayerHold = Duration::millis(500);
// A viewer that is so far behind goes on at the newest picture.
constexpr double kMostBehind = 0.5;  // seconds of media

DataRate rate_of(int64_t bytes, Duration span) { return DataRate::bps(bytes * 8'000'000 / span.us()); }

}  // namespace

DataRate Bottleneck::capacity(Timestamp at) const {
  DataRate rate = path_.capacity.front().rate;
  for (const Path::Step& step : path_.capacity)
    if (kStart + step.at <= at) rate = step.rate;
  return rate;
}

bool Bottleneck::cut(Timestamp at) const { return at - kStart >= path_.cut_from && at - kStart < path_.cut_until; }

void Bottleneck::send(size_t flow, uint64_t packet, size_t bytes, Timestamp now) {
  serve(now);
  auto room = static_cast<size_t>(static_cast<double>(capacity(now).bps()) / 8 * path_.queue.seconds());
  if (backlog_ + bytes > std::max(room, path_.least_queue) || cut(now) || lose_next()) {
    ++dropped_;
    return;
  }
  backlog_ += bytes;
  queue_.push_back({flow, packet, bytes, now});
}

bool Bottleneck::lose_next() {
  if (path_.burst <= 1) return lose(path_.loss);
  if (losing_)
    losing_ = !lose(1 / path_.burst);
  else
    losing_ = lose(path_.loss / path_.burst / (1 - path_.loss));
  return losing_;
}

void Bottleneck::serve(Timestamp now) {
  while (!queue_.empty()) {
    const Queued& head = queue_.front();
    int64_t bps = capacity(std::max(line_free_, head.in)).bps();
    Duration saved = Duration::micros(static_cast<int64_t>(path_.bucket) * 8'000'000 / bps);
    Timestamp start = std::max(line_free_, head.in - saved);
    Timestamp paid = start + Duration::micros(static_cast<int64_t>(head.bytes) * 8'000'000 / bps);
    Timestamp done = std::max(paid, head.in);
    if (done > now) return;
    line_free_ = paid;
    Duration extra =
        Duration::micros(std::uniform_int_distribution<int64_t>(0, std::max<int64_t>(path_.jitter.us(), 1))(random_));
    last_arrival_ = std::max(last_arrival_, done + path_.delay + extra);
    arrivals_.push_back({head.flow, head.packet, last_arrival_});
    backlog_ -= head.bytes;
    queue_.pop_front();
  }
}

std::vector<Bottleneck::Arrival> Bottleneck::take_arrivals(Timestamp now) {
  serve(now);
  std::vector<Arrival> due;
  for (; !arrivals_.empty() && arrivals_.front().at <= now; arrivals_.pop_front()) due.push_back(arrivals_.front());
  return due;
}

Duration Bottleneck::queue_delay(Timestamp now) const {
  return Duration::micros(static_cast<int64_t>(backlog_) * 8'000'000 / capacity(now).bps());
}

ViewerFlow::ViewerFlow(Media media, SendLimits limits)
    : media_(std::move(media)), controller_(limits, media_.feedback), media_rate_(limits.start) {
  controller_.set_may_probe(media_.may_probe);
  controller_.set_wanted(media_.layers.empty() ? media_.most : media_.layers.back());
  if (!media_.layers.empty()) media_rate_ = media_.layers.front();
}

void ViewerFlow::choose_rate(Timestamp now) {
  if (media_.layers.empty()) {
    media_rate_ =
        std::min(media_.most, DataRate::bps(std::max<int64_t>(controller_.target().bps() - kAudioRate.bps(), 10'000)));
    return;
  }
  auto fits = [&](DataRate layer, double share) {
    return static_cast<double>(layer.bps() + kAudioRate.bps()) * share <=
           static_cast<double>(controller_.target().bps());
  };
  if (fits(media_rate_, 1)) fitted_ = now;
  if (now - switched_ < kLayerHold || (now - fitted_ < kLayerHold && fits(media_rate_, 0.85) && !fits(media_rate_, 1)))
    return;
  DataRate best = media_.layers.front();
  for (DataRate layer : media_.layers)
    if (fits(layer, 1)) best = layer;
  if (best != media_rate_) switched_ = now;
  media_rate_ = best;
}

void ViewerFlow::make_frame(Timestamp now) {
  choose_rate(now);
  Duration since = now - kStart;
  ++frame_;
  if (since >= media_.silent_from && since < media_.silent_until) return;
  double bits = static_cast<double>(media_rate_.bps()) * kFrame.seconds();
  // The key frame's share is taken from the others: the rate is kept.
  double ordinary = media_.key_every / (media_.key_every - 1 + media_.key_size);
  bits *= frame_ % media_.key_every == 0 ? ordinary * media_.key_size : ordinary;
  auto bytes = static_cast<size_t>(bits / 8);
  size_t waiting = 0;
  for (size_t p : pending_) waiting += p;
  if (static_cast<double>(waiting) * 8 > static_cast<double>(media_rate_.bps()) * kMostBehind) pending_.clear();
  for (; bytes > 0; bytes -= std::min(bytes, kPacket)) pending_.push_back(std::min(bytes, kPacket));
}

void ViewerFlow::send(Bottleneck& line, size_t self, size_t bytes, Timestamp now, bool voice) {
  ++seq_;
  ++packets_sent_;
  controller_.on_packet_sent(rtp::SeqNum(seq_), bytes, now);
  budget_.on_sent(bytes, controller_.pacing_rate(), now);
  const auto sent_ms = static_cast<uint64_t>((now - kStart).ms());
  line.send(self, uint64_t{seq_} | uint64_t{bytes} << 16 | uint64_t{voice} << 28 | sent_ms << 32, bytes, now);
}

void ViewerFlow::step(Bottleneck& line, size_t self, Timestamp now) {
  path_delay_ = line.path().delay;
  if (next_frame_ == Timestamp{}) next_frame_ = next_audio_ = next_turn_ = now;
  for (; !feedback_.empty() && feedback_.front().at <= now; feedback_.pop_front()) {
    auto compound = rtp::rtcp::CompoundReader::parse(feedback_.front().bytes);
    CHECK(compound);
    rtp::rtcp::Block block;
    while (compound->next(block)) controller_.on_transport_feedback(*rtp::rtcp::TransportFeedback::parse(block), now);
  }
  report(line, now);
  if (now >= next_audio_) {
    next_audio_ += kAudio;
    send(line, self, kAudioBytes, now, true);
  }
  bool turn = now >= next_turn_;
  if (now >= next_frame_) {
    next_frame_ += kFrame;
    make_frame(now);
    turn = true;
  }
  if (!turn) return;
  next_turn_ = now + kTurn;
  controller_.on_tick(now);
  for (; !pending_.empty() && budget_.may_send(controller_.pacing_rate(), now) && !controller_.window_full();
       pending_.pop_front())
    send(line, self, pending_.front(), now);
  while (controller_.probe_bytes_due(now) > 0) {
    padding_bytes_ += kPacket;
    send(line, self, kPacket, now);
  }
}

void ViewerFlow::on_arrival(uint64_t packet, Timestamp at) {
  received_bytes_ += static_cast<int64_t>(packet >> 16 & 0xfff);
  if (packet >> 28 & 1) voice_delays_.push_back(at - kStart - Duration::millis(static_cast<int64_t>(packet >> 32)));
  ++packets_received_;
  recorder_.record(rtp::SeqNum(static_cast<uint16_t>(packet)), at);
}

Duration ViewerFlow::take_voice_delay() {
  std::vector<Duration> delays = std::exchange(voice_delays_, {});
  if (delays.empty()) return Duration::max();
  std::ranges::sort(delays);
  return delays[(delays.size() - 1) * 99 / 100];
}

void ViewerFlow::report(Bottleneck& line, Timestamp now) {
  if (mute_feedback) return;
  if (!media_.feedback) {
    if (now < next_report_) return;
    next_report_ = now + Duration::seconds(1);
    LossReport report{packets_sent_ - reported_sent_, 0};
    report.lost = report.sent - (packets_received_ - reported_received_);
    reported_sent_ = packets_sent_;
    reported_received_ = packets_received_;
    controller_.on_round_trip(line.path().delay * 2 + line.queue_delay(now), now);
    controller_.on_receiver_report(report, now);
    return;
  }
  std::array<uint8_t, kMaxFeedbackSize> buffer;
  while (true) {
    ByteWriter writer(buffer);
    if (!recorder_.build_feedback(now, rtp::Ssrc(1), rtp::Ssrc(2), writer)) return;
    auto bytes = writer.written();
    if (!line.cut(now) && !line.lose(line.path().feedback_loss))
      feedback_.push_back({now + line.path().delay, {bytes.begin(), bytes.end()}});
  }
}

void RenoFlow::step(Bottleneck& line, size_t self, Timestamp now) {
  delay_ = line.path().delay;
  for (; !acks_.empty() && acks_.front().at <= now; acks_.pop_front()) {
    uint64_t packet = acks_.front().packet;
    last_ack_ = now;
    if (packet > acked_ && acked_ >= recover_) {  // a hole: the queue keeps order, so it is a loss
      threshold_ = window_ = std::max(2.0, window_ / 2);
      recover_ = next_;
    } else {
      window_ += window_ < threshold_ ? 1 : 1 / window_;
    }
    acked_ = packet + 1;
  }
  if (now - last_ack_ > Duration::seconds(1)) {  // everything was lost
    acked_ = recover_ = next_;
    window_ = 2;
    last_ack_ = now;
  }
  for (; static_cast<double>(next_ - acked_) < window_; ++next_) line.send(self, next_, kPacket, now);
}

void RenoFlow::on_arrival(uint64_t packet, Timestamp at) {
  received_bytes_ += kPacket;
  acks_.push_back({at + delay_, packet});
}

void ConstantFlow::step(Bottleneck& line, size_t self, Timestamp now) {
  if (now < kStart + from_ || now >= kStart + until_) return;
  for (credit_ += rate_.bps() / 1000; credit_ >= static_cast<int64_t>(kPacket * 8); credit_ -= kPacket * 8)
    line.send(self, 0, kPacket, now);
}

ViewerFlow& Simulation::add_viewer(Media media, SendLimits limits) {
  auto flow = std::make_unique<ViewerFlow>(std::move(media), limits);
  ViewerFlow& viewer = *flow;
  if (!first_) first_ = &viewer;
  flows_.push_back(std::move(flow));
  return viewer;
}

RenoFlow& Simulation::add_reno() {
  auto flow = std::make_unique<RenoFlow>();
  RenoFlow& reno = *flow;
  flows_.push_back(std::move(flow));
  return reno;
}

void Simulation::add_constant(DataRate rate, Duration from, Duration until) {
  flows_.push_back(std::make_unique<ConstantFlow>(rate, from, until));
}

void Simulation::run_until(Duration end) {
  for (; clock_ < end; clock_ += kStep) {
    Timestamp now = kStart + clock_;
    for (const Bottleneck::Arrival& arrival : line_.take_arrivals(now))
      flows_[arrival.flow]->on_arrival(arrival.packet, arrival.at);
    for (size_t i = 0; i < flows_.size(); ++i) flows_[i]->step(line_, i, now);
    if (clock_.us() % kSampleEvery.us() == 0) sample();
  }
}

void Simulation::sample() {
  Timestamp now = kStart + clock_;
  SendState state = first_->controller().state();
  received_.push_back(first_->received_bytes());
  if (received_.size() > kReceivedSamples + 1) received_.pop_front();
  Sample s;
  s.at = clock_;
  s.capacity = line_.capacity(now);
  s.target = state.target;
  s.media = first_->media_rate();
  if (received_.size() > 1)
    s.received =
        rate_of(received_.back() - received_.front(), kSampleEvery * static_cast<int64_t>(received_.size() - 1));
  s.acknowledged = state.acknowledged.value_or(DataRate{});
  s.queue_delay = line_.queue_delay(now);
  s.loss_ratio = state.loss_ratio;
  samples_.push_back(s);
}

namespace {
template <class Value>
double mean(const std::vector<Sample>& samples, Duration from, Duration until, Value value) {
  double sum = 0;
  int count = 0;
  for (const Sample& s : samples) {
    if (s.at < from || s.at >= until) continue;
    sum += value(s);
    ++count;
  }
  return count > 0 ? sum / count : 0;
}
}  // namespace

double Simulation::mean_target_kbps(Duration from, Duration until) const {
  return mean(samples_, from, until, [](const Sample& s) { return static_cast<double>(s.target.kbps()); });
}
double Simulation::mean_received_kbps(Duration from, Duration until) const {
  return mean(samples_, from, until, [](const Sample& s) { return static_cast<double>(s.received.kbps()); });
}
Duration Simulation::mean_queue(Duration from, Duration until) const {
  return Duration::micros(static_cast<int64_t>(
      mean(samples_, from, until, [](const Sample& s) { return static_cast<double>(s.queue_delay.us()); })));
}

std::optional<Duration> Simulation::first_at_least(DataRate rate, Duration from) const {
  auto hit = std::ranges::find_if(samples_, [&](const Sample& s) { return s.at >= from && s.target >= rate; });
  return hit == samples_.end() ? std::nullopt : std::optional(hit->at);
}
std::optional<Duration> Simulation::first_at_most(DataRate rate, Duration from) const {
  auto hit = std::ranges::find_if(samples_, [&](const Sample& s) { return s.at >= from && s.target <= rate; });
  return hit == samples_.end() ? std::nullopt : std::optional(hit->at);
}

}  // namespace footlight::congestion::test
