#include "relay/consumer.h"

#include <algorithm>

#include "base/random.h"
#include "sdp/offer.h"

namespace footlight::relay {
namespace {

// RFC 3711 §3.3.1 and FACTS §4: a first number below 2^15 keeps the rollover counter's guess right from the start.
uint16_t random_first_seq() { return static_cast<uint16_t>(random_u32() & 0x7fff); }

// DESIGN §2, issue 3.5: the join cache is sent at twice its own pace.
constexpr int64_t kReplayPace = 2;
// A replay that has not caught up by now has a path that does not carry it.
constexpr Duration kMaxReplay = Duration::seconds(4);
// Behind by this much, frames are left out rather than the delay let grow: soon where the path carries less than the
// encoding has, later where it only drains what stood in it.
constexpr Duration kMaxLag = Duration::millis(300);
constexpr Duration kMaxDrain = Duration::seconds(1);

bool carries_less(DataRate budget, Producer& producer, Timestamp now) {
  return budget.bps() < producer.facts(now).whole();
}

bool in_fragments(const std::string& fmtp) { return sdp::packetization_mode(sdp::FormatParameters(fmtp)) == 1; }

// A dependency descriptor of a key frame is longer than the one-byte form takes (RFC 8285 §4.2). Without the key
// frames' the others tell nothing.
ConsumerParameters usable(ConsumerParameters parameters) {
  rtp::ExtensionMap& map = parameters.extensions;
  if (!map.allows_two_byte()) map.set(rtp::ExtensionType::kDependencyDescriptor, 0);
  return parameters;
}

}  // namespace

Consumer::Consumer(ConsumerParameters parameters, RtpTransport& transport, Counters& counters, SendPath* path)
    : transport_(transport),
      path_(path),
      counters_(counters),
      kind_(media::kind_of(parameters.codec)),
      base_only_(path && parameters.codec == media::Codec::kAv1 &&
                 !usable(parameters).extensions.has(rtp::ExtensionType::kDependencyDescriptor)),
      mapping_(parameters.clock_rate, random_first_seq(), random_u32()),
      header_(usable(parameters).extensions, parameters.mid, parameters.resend_plain),
      parameters_(usable(std::move(parameters))),
      rtx_seq_(random_first_seq()) {}

void Consumer::set_track(const Publication::Track* track, Timestamp now) {
  if (track == track_) return;
  track_ = track;
  layer_ = 0;
  restart(now);
}

bool Consumer::fits() const {
  const ProducerParameters& source = producer_->parameters();
  return source.codec == parameters_.codec && source.clock_rate == parameters_.clock_rate &&
         (parameters_.b_frames || !track_->pipe.b_frames) &&
         (parameters_.fragments || source.codec != media::Codec::kH264 || !in_fragments(source.fmtp));
}

void Consumer::restart(Timestamp now) {
  mapping_.end();
  target_.reset();
  gap_.reset();
  left_out_.reset();
  last_frame_time_.reset();
  cut_ = false;
  selector_.reset();
  sent_reports_.fill({});
  reports_sent_ = 0;
  next_report_ = now;
  skipping_ = interrupted_ = false;
  producer_ = track_ ? &producer_at(layer_) : nullptr;
  state_ = State::kIdle;
  unfit_since_.reset();
  if (!producer_) return;
  incarnation_ = producer_->incarnation();
  if (fits())
    wait(now);
  else
    unfit_since_ = now;
}

void Consumer::wait(Timestamp now) {
  state_ = State::kWaiting;
  waiting_since_ = now;
  try_begin(now);
}

// The picture that a joiner begins with; a source that has none at hand is asked for one.
void Consumer::try_begin(Timestamp now) {
  if (state_ != State::kWaiting || !transport_.writable() || kind() != media::Kind::kVideo) return;
  if (!skipping_ && (wish_ || track_->layers.size() > 1)) choose(now);
  if (state_ != State::kWaiting) return;
  auto start = producer_->join_start();
  if (!start || (skipping_ && !goes_on_at(*start, now))) {
    ask_key_frame(now);
    return;
  }
  if (!skipping_) ++counters_.joins_cached;
  begin(layer_, *start, now);
}

void Consumer::ask_key_frame(Timestamp now) {
  if (path_ && path_->silent() && parameters_.rtx_ssrc) return;  // a probe asks whether anything gets through
  if (!skipping_ || interrupted_) return producer_->request_key_frame(now);
  if (carries_less(budget_, *producer_, now)) return producer_->request_key_frame_for_slow(now);
  const auto last = producer_->key_arrival();
  if (!last || now - *last >= kMaxDrain) producer_->request_key_frame(now);
}

// Where the next encoding's newest moment lies on the receiver's line: the same moment of the present one, as their
// sender reports tell, or as packets arrived while one of them has no report yet (mediasoup #1459, livekit #4712).
std::optional<int64_t> Consumer::line_for(const Producer& next, Timestamp now) const {
  if (!mapping_.active()) return std::nullopt;
  const int rate = parameters_.clock_rate;
  if (&next == producer_) return mapping_.line_of(next.newest_time());
  if (producer_->clock().known() && next.clock().known())
    return mapping_.line_of(producer_->clock().time_of(next.clock().ntp_of(next.newest_time(), rate), rate));
  return mapping_.line_of(producer_->arrival_line(now)) - (next.arrival_line(now).value() - next.newest_time().value());
}

void Consumer::begin(size_t layer, rtp::UnwrappedSeq first, Timestamp now) {
  Producer& next = producer_at(layer);
  const StoredPacket* packet = nullptr;
  for (rtp::UnwrappedSeq seq = first; !packet && seq <= *next.buffer().newest(); seq = seq.plus(1))
    packet = next.buffer().find(seq);
  if (!packet) return;
  // Numbers of an encoding that began anew mean other packets now.
  const bool renewed = incarnations_[layer] != next.incarnation();
  const auto line = line_for(next, now);
  const bool joins = !mapping_.active();
  if (renewed || interrupted_) mapping_.end();
  interrupted_ = false;
  incarnations_[layer] = next.incarnation();
  // A paced replay meets the source only after as long again as it begins in the past.
  const bool paced = joins && path_;
  const int64_t past = std::max<int64_t>(0, next.newest_time().value() - packet->time.value());
  const int64_t lead = paced ? past / (kReplayPace - 1) : 0;
  mapping_.begin({.first = first,
                  .first_time = packet->time,
                  .live_time = rtp::UnwrappedTime(next.newest_time().value() + lead),
                  .squeeze = paced ? kReplayPace : RtpMapping::kReplaySqueeze,
                  .lead = lead,
                  .layer = static_cast<uint8_t>(layer),
                  .pictures = pictures_.follow(packet->picture),
                  .line = line},
                 now);
  if (layer_ != layer) {
    last_frame_time_.reset();
    filter_.set_wanted(LayerSelector::kAllTemporal);
  }
  layer_ = static_cast<uint8_t>(layer);
  producer_ = &next;
  incarnation_ = next.incarnation();
  target_.reset();
  filter_.begin();
  gap_.reset();
  left_out_.reset();
  cursor_ = first;
  state_ = joins ? State::kReplay : State::kLive;
  replay_since_ = now;
  replay_from_ = packet->arrival;
  skipping_ = false;
  advance(now);
}

void Consumer::forward(std::span<const rtp::UnwrappedSeq> fresh, Timestamp now) {
  if (state_ == State::kIdle || state_ == State::kPaused || !transport_.writable()) return;
  if (incarnation_ != producer_->incarnation()) {
    restart(now);
    if (state_ != State::kWaiting) return;  // it began, and sent what is fresh
  }
  if (state_ == State::kWaiting) {
    if (kind() == media::Kind::kAudio) return begin(layer_, fresh.front(), now);
    // A key frame far behind the newest packet is no place to begin at.
    const auto start = producer_->fresh_key() ? producer_->join_start() : std::nullopt;
    if (!start) return;
    ++counters_.joins_waiting;
    return begin(layer_, *start, now);
  }
  bool ahead = false;
  for (rtp::UnwrappedSeq seq : fresh) {
    if (seq >= cursor_)
      ahead = true;
    else if (const StoredPacket* packet = producer_->buffer().find(seq))
      on_late(*packet, now);
  }
  if (ahead && state_ == State::kLive) advance(now);
}

void Consumer::on_layer_key(Timestamp now) {
  if (state_ == State::kIdle || state_ == State::kPaused || !transport_.writable()) return;
  if (auto start = producer_at(*target_).join_start()) begin(*target_, *start, now);
}

// Sends in order from the cursor up to the newest packet, as far as the path has room.
void Consumer::advance(Timestamp now) {
  const PacketBuffer& buffer = producer_->buffer();
  const rtp::UnwrappedSeq newest = *buffer.newest();
  // A cursor that fell out of the ring has been overtaken by the source: go on with what there is.
  cursor_ = std::max(cursor_, buffer.oldest());
  for (size_t sent = 0; cursor_ <= newest; cursor_ = cursor_.plus(1)) {
    const StoredPacket* packet = buffer.find(cursor_);
    if (!packet) {  // it goes out when it is repaired
      if (!gap_) gap_ = cursor_;
      continue;
    }
    if (state_ == State::kReplay && !path_ && sent == kReplayBurst) return;
    if (!passes(*packet)) {
      leave_out(*packet);
    } else {
      if (!may_send(*packet, now)) return;
      leave_out_rest();
      const auto place = mapping_.place_of(cursor_);
      if (gap_) holes_ += cursor_ - *gap_;
      if (place) send(*packet, *place, now);
      left_out_.reset();
      ++sent;
    }
    gap_.reset();
  }
  state_ = State::kLive;
}

bool Consumer::may_send(const StoredPacket& packet, Timestamp now) {
  if (!path_ || kind() != media::Kind::kVideo) return true;
  if (state_ == State::kReplay && packet.arrival - replay_from_ > (now - replay_since_) * kReplayPace) return false;
  return path_->may_send(now);
}

// Padding alone would be an empty frame to some receivers (mediasoup #1431, #1580): it is left out like the pictures of
// upper temporal layers, and no number shows it.
bool Consumer::passes(const StoredPacket& packet) {
  if (packet.payload.empty()) return false;
  if (cuts(packet)) {
    cut_ = true;
    return false;
  }
  return filter_.passes(packet);
}

// The picture that was being left out goes on at least one packet into the gap.
void Consumer::leave_out_rest() {
  if (!gap_ || !left_out_) return;
  const StoredPacket* before = producer_->buffer().find(gap_->plus(-1));
  if (!before || before->time != *left_out_ || before->marker) return;
  mapping_.leave_out(*gap_, gap_->plus(1), 0);
  gap_ = gap_->plus(1);
  if (gap_ == cursor_) gap_.reset();
}

void Consumer::leave_out(const StoredPacket& packet) {
  const bool picture = !packet.payload.empty();
  const bool same = picture && left_out_ == packet.time;
  if (!same) leave_out_rest();
  rtp::UnwrappedSeq from = packet.seq;
  // Missing packets that can only be of this picture go with it; the others keep their numbers and come when they are
  // repaired.
  if (gap_ && picture && same) from = *gap_;
  if (gap_ && picture && !same && !packet.picture.frame_start) from = packet.seq.plus(-1);
  if (gap_) holes_ += from - *gap_;
  const bool numbered = packet.picture.form != PictureNumbers::Form::kNone;
  mapping_.leave_out(from, packet.seq.plus(1), picture && !same && numbered ? 1 : 0);
  if (picture) left_out_ = packet.time;
}

void Consumer::on_late(const StoredPacket& packet, Timestamp now) {
  const auto place = mapping_.place_of(packet.seq);
  if (!place) return;
  --holes_;
  send(packet, *place, now);
}

// The ordinary tick of a viewer: all that has come is sent, and nothing is due yet. Hundreds are asked a hundred times
// a second.
bool Consumer::idle_at(Timestamp now) const {
  if (state_ != State::kLive || incarnation_ != producer_->incarnation()) return false;
  const bool chooses = kind_ == media::Kind::kVideo && now >= next_choice_;
  return !chooses && now < next_report_ && cursor_ > *producer_->buffer().newest();
}

void Consumer::tick(Timestamp now) {
  if (!producer_ || idle_at(now) || !transport_.writable()) return;
  if (state_ == State::kIdle || state_ == State::kPaused) return;
  // A source begins anew before its first packet is worth forwarding: nothing of what stood here is left.
  if (incarnation_ != producer_->incarnation()) restart(now);
  if (state_ == State::kWaiting) try_begin(now);
  if (kind() == media::Kind::kVideo && now >= next_choice_) choose(now);
  if (state_ == State::kReplay && now - replay_since_ > kMaxReplay) state_ = State::kLive;
  if (state_ == State::kReplay || (state_ == State::kLive && cursor_ <= *producer_->buffer().newest())) advance(now);
  if (state_ == State::kLive && path_ && lag() > (carries_less(budget_, *producer_, now) ? kMaxLag : kMaxDrain))
    skip(now);
  if (mapping_.active() && now >= next_report_ && producer_->clock().known()) send_report(now);
}

// How long the next packet in order has been waiting for the path.
Duration Consumer::lag() const {
  const PacketBuffer& buffer = producer_->buffer();
  if (kind() != media::Kind::kVideo || !buffer.newest() || cursor_ > *buffer.newest()) return Duration::zero();
  const StoredPacket* newest = buffer.find(*buffer.newest());
  for (rtp::UnwrappedSeq seq = std::max(cursor_, buffer.oldest()); seq <= *buffer.newest(); seq = seq.plus(1))
    if (const StoredPacket* packet = buffer.find(seq)) return newest->arrival - packet->arrival;
  return Duration::zero();
}

// The path carries less than the source sends: what waits is left out up to a key frame, rather than the delay let
// grow. The key frame itself is sent to its end.
void Consumer::skip(Timestamp now) {
  const StoredPacket* packet = producer_->buffer().find(cursor_);
  const auto start = producer_->join_start();
  if (start && *start > cursor_) {
    begin(layer_, *start, now);
    return;
  }
  if (packet && start) {
    const StoredPacket* key = producer_->buffer().find(*start);
    if (key && key->time == packet->time) return;
  }
  ++counters_.skips;
  skipping_ = true;
  wait(now);
}

void Consumer::on_interruption(Timestamp now) {
  if (kind() != media::Kind::kVideo || !producer_ || !begun()) return;
  interrupted_ = skipping_ = true;
  wait(now);
}

// A key frame that was sent already, but lost, will do while it is recent.
bool Consumer::goes_on_at(rtp::UnwrappedSeq key, Timestamp now) const {
  return key >= cursor_ || (interrupted_ && now - *producer_->key_arrival() <= kMaxLag);
}

}  // namespace footlight::relay
