#include "relay/subscribe_session.h"

#include <algorithm>

#include "relay/rtcp_dispatch.h"

namespace footlight::relay {

namespace {

constexpr Duration kShare = Duration::millis(100);
// Where the estimate has room for all that is wanted, nothing is due that must not wait for so long: a tick goes over
// hundreds of viewers.
constexpr Duration kAtRest = Duration::millis(25);
// A source that changes twice, as an encoder that is set up anew, costs its viewers no session.
constexpr Duration kUnfitFor = Duration::seconds(2);

bool is_video(const ConsumerParameters& track) { return media::kind_of(track.codec) == media::Kind::kVideo; }

// Feedback decides where it tells of all that is large: of sound's numbers alone, a path would seem to carry no more
// than sound.
bool agreed_on_feedback(const std::vector<ConsumerParameters>& tracks) {
  const bool pictures = std::ranges::any_of(tracks, is_video);
  return !tracks.empty() && std::ranges::all_of(tracks, [pictures](const ConsumerParameters& track) {
    const bool numbered = track.extensions.has(rtp::ExtensionType::kTransportSequence) && !track.resend_plain;
    return numbered || (pictures && !is_video(track));
  });
}

}  // namespace

SubscribeSession::SubscribeSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport,
                                   Router& router, std::vector<ConsumerParameters> tracks, Counters& counters,
                                   Timestamp now)
    : WebRtcSession(std::move(id), std::move(stream), std::move(transport), counters, now),
      router_(router),
      path_(agreed_on_feedback(tracks)) {
  bool may_probe = false;
  for (ConsumerParameters& track : tracks) {
    may_probe = may_probe || track.rtx_ssrc.has_value();
    consumers_.push_back(std::make_unique<Consumer>(std::move(track), this->transport(), counters, &path_));
    consumers_.back()->set_budget(path_.target());
    router_.stream(this->stream()).add(*consumers_.back(), now);
  }
  path_.set_may_probe(may_probe);
}

Timestamp SubscribeSession::tick_media(Timestamp now) {
  if (ended() || !transport().writable()) return now;
  if (is_let_go(now)) {
    cut("source_changed");
    return now;
  }
  path_.tick(now);
  look_after_interruption(now);
  if (now >= next_share_) share_path(now);
  if (path_.at_rest()) return now + kAtRest;
  const size_t due = path_.probe_bytes_due(now);
  if (due > 0 && std::ranges::none_of(consumers_, [&](auto& consumer) { return consumer->probe(due, now); }))
    path_.on_probe_unsent(now);
  return now;
}

// Sound alone that does not fit is RTMP's: no new session would have any.
bool SubscribeSession::is_let_go(Timestamp now) const {
  return std::ranges::any_of(consumers_, [&](const auto& consumer) {
    const auto since = consumer->unfit_since();
    return consumer->kind() == media::Kind::kVideo && since && now - *since >= kUnfitFor;
  });
}

void SubscribeSession::look_after_interruption(Timestamp now) {
  if (!path_.take_interrupted()) return;
  share_path(now);
  for (auto& consumer : consumers_) consumer->on_interruption(now);
}

// Sound first: what it takes is not the picture's to spend.
void SubscribeSession::share_path(Timestamp now) {
  next_share_ = now + kShare;
  int64_t sound = 0;
  int64_t wanted = 0;
  for (auto& consumer : consumers_) {
    if (consumer->kind() == media::Kind::kAudio) sound += consumer->bitrate(now);
    wanted += consumer->wanted().bps();
  }
  path_.set_wanted(DataRate::bps(sound + wanted));
  shared_ = path_.target();
  const DataRate budget = DataRate::bps(std::max<int64_t>(0, shared_.bps() - sound));
  for (auto& consumer : consumers_) consumer->set_budget(budget);
}

void SubscribeSession::on_plain_rtp(const rtp::PacketView& packet, Timestamp) { drop_stray(packet.ssrc()); }

bool SubscribeSession::on_plain_rtcp(ByteView compound, Timestamp now) {
  const bool read = dispatch_rtcp(compound, nullptr, consumers_, now, &path_);
  look_after_interruption(now);
  if (path_.target() < shared_) share_path(now);  // a fall is not left to the next tick
  return read;
}

void SubscribeSession::on_connected(Timestamp now) {
  if (auto rtt = transport().handshake_round_trip()) path_.on_handshake_round_trip(*rtt, now);
  for (auto& consumer : consumers_) consumer->tick(now);  // the first picture must not wait for a timer
}

void SubscribeSession::on_end(Timestamp) {
  Stream& stream = router_.stream(this->stream());
  for (auto& consumer : consumers_) stream.remove(*consumer);
}

void SubscribeSession::fill(state::SessionObserved& observed, Timestamp now) {
  for (auto& consumer : consumers_) {
    observed.bitrate_bps += consumer->bitrate(now);
    observed.loss_ratio = std::max(observed.loss_ratio, consumer->loss_ratio());
    observed.jitter_ms = std::max(observed.jitter_ms, consumer->jitter().seconds() * 1000);
    if (auto rtt = consumer->round_trip()) observed.rtt_ms = std::max(observed.rtt_ms, rtt->seconds() * 1000);
    if (consumer->kind() == media::Kind::kVideo) observed.fps = consumer->fps(now);
    observed.media.push_back(consumer->observe(now));
  }
  observed.estimate_bps = path_.target().bps();
}

}  // namespace footlight::relay
