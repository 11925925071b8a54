#include "relay/shard_core.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "rtp/demux.h"

namespace footlight::relay {
namespace {

// NACK, PLI, transport feedback and replays: fine enough for a repair within one frame's time.
constexpr Duration kMediaTick = Duration::millis(10);
// Handshake timers (1 s at first, RFC 6347 §4.2.4.1), consent, life.
constexpr Duration kLifeTick = Duration::millis(100);
// Ended sessions stay observable this long (state/observed.h).
constexpr Duration kEndedShown = Duration::seconds(10);
// Of more of them the oldest are no longer shown, which says the same: they cost some 20 KB each.
constexpr size_t kMaxEndedShown = 1024;

// A tuple that ICE has not heard of for so long may be another peer's by now, behind the same NAT. Browsers check every
// 2 to 5 s.
constexpr Duration kTupleHeld = Duration::seconds(10);

}  // namespace

ShardCore::ShardCore(CoreOptions options, const dtls::Certificate& certificate, DatagramOutput& media,
                     DatagramOutput& pipe)
    : options_(std::move(options)), certificate_(certificate), media_(media), pipe_(pipe) {
  if (options_.mesh) mirrors_.emplace(*options_.mesh, options_.shard, router_, counters_);
}

ShardCore::~ShardCore() = default;

void ShardCore::on_media(MutableByteView datagram, const AddressPair& tuple, Timestamp arrival, Timestamp now) {
  CHECK(thread_.here());
  Capture::Turn turn(capture_);
  rtp::DatagramKind kind = rtp::kind_of_datagram(datagram);
  if (kind == rtp::DatagramKind::kUnknown) {
    counters_.drop(Drop::kUnknownKind);
    return;
  }
  if (kind == rtp::DatagramKind::kStun) {
    on_stun(datagram, tuple, now);
    return;
  }
  WebRtcSession* session = session_of(tuple);
  if (!session) {
    counters_.drop(Drop::kUnknownTuple);
    return;
  }
  if (kind == rtp::DatagramKind::kRtp) {
    session->on_rtp(datagram, tuple, arrival);
    return;
  }
  router_.forward(now);
  if (kind == rtp::DatagramKind::kDtls)
    session->on_dtls(datagram, tuple, now);
  else
    session->on_rtcp(datagram, tuple, now);
  settle(*session, now);
}

void ShardCore::on_stun(ByteView datagram, const AddressPair& tuple, Timestamp now) {
  auto message = ice::parse_stun(datagram);
  if (!message || message->cls != ice::StunClass::kRequest) {
    counters_.drop(Drop::kBadStun);
    return;
  }
  auto it = by_ufrag_.find(message->local_ufrag());
  if (it == by_ufrag_.end()) {
    counters_.drop(Drop::kUnknownUfrag);
    return;
  }
  WebRtcSession& session = *it->second;
  if (taken_by_another(tuple, session, now)) {
    counters_.drop(Drop::kTakenTuple);
    return;
  }
  router_.forward(now);
  session.transport().on_stun(*message, tuple, now);
  drain_ice(session, now);
  settle(session, now);
}

void ShardCore::drain_ice(WebRtcSession& session, Timestamp now) {
  while (auto event = session.transport().ice().take_event()) {
    if (event->kind == ice::LiteEventKind::kTupleAdded) {
      by_tuple_[event->tuple] = &session;
      session.tuples.push_back(event->tuple);
    } else if (event->kind == ice::LiteEventKind::kTupleRemoved) {
      std::erase(session.tuples, event->tuple);
      if (auto it = by_tuple_.find(event->tuple); it != by_tuple_.end() && it->second == &session) by_tuple_.erase(it);
    } else if (event->kind == ice::LiteEventKind::kRestarted) {
      const std::string& present = session.transport().ice().local().ufrag;
      for (const std::string& ufrag : session.ufrags)
        if (ufrag != present) by_ufrag_.erase(ufrag);
      session.ufrags = {present};
    }
    session.on_ice_event(*event, now);
  }
}

bool ShardCore::taken_by_another(const AddressPair& tuple, const WebRtcSession& session, Timestamp now) {
  WebRtcSession* holder = session_of(tuple);
  if (!holder || holder == &session) return false;
  auto heard = holder->transport().ice().last_heard(tuple);
  return heard && now - *heard < kTupleHeld;
}

void ShardCore::on_connection_closed(const AddressPair& tuple, Timestamp now) {
  WebRtcSession* session = session_of(tuple);
  if (!session) return;
  session->transport().on_connection_closed(tuple);
  drain_ice(*session, now);
  settle(*session, now);
}

WebRtcSession* ShardCore::session_of(const AddressPair& tuple) {
  auto it = by_tuple_.find(tuple);
  return it == by_tuple_.end() ? nullptr : it->second;
}

Session* ShardCore::find(const std::string& id) {
  auto it = sessions_.find(id);
  return it == sessions_.end() ? nullptr : it->second.get();
}

void ShardCore::settle(Session& session, Timestamp now) {
  if (!session.take_changed()) return;
  changed_ = true;
  if (session.ended()) {
    if (WebRtcSession* webrtc = session.webrtc()) unmap(*webrtc);
    if (session.publishes()) sync_pipes(now);
  }
  sync_shards(now);
}

void ShardCore::unmap(WebRtcSession& session) {
  for (const std::string& ufrag : session.ufrags) by_ufrag_.erase(ufrag);
  for (const AddressPair& tuple : session.tuples)
    if (auto it = by_tuple_.find(tuple); it != by_tuple_.end() && it->second == &session) by_tuple_.erase(it);
  session.ufrags.clear();
  session.tuples.clear();
}

void ShardCore::end(Session& session, const char* reason, Timestamp now) {
  router_.forward(now);
  session.end(reason, now);
  settle(session, now);
}

void ShardCore::on_pipe(MutableByteView datagram, const SocketAddress& from, Timestamp now) {
  CHECK(thread_.here());
  Capture::Turn turn(capture_);
  if (!links_.empty() && on_link(datagram, from, now)) return;
  rtp::DatagramKind kind = rtp::kind_of_datagram(datagram);
  auto known = std::ranges::find_if(pipes_, [&](const auto& pipe) { return pipe->remote() == from; });
  if (kind == rtp::DatagramKind::kRtp && known != pipes_.end()) {
    (*known)->on_rtp(datagram, now);
    return;
  }
  // SRTCP shows its sender in the clear (RFC 3711 §3.4): that names the pipe, whatever address it comes from.
  uint32_t sender = 0;
  ByteReader reader(datagram);
  if (kind != rtp::DatagramKind::kRtcp || !reader.skip(4) || !reader.read_u32(sender)) {
    counters_.drop(kind == rtp::DatagramKind::kRtp ? Drop::kUnknownPipe : Drop::kUnknownKind);
    return;
  }
  auto named =
      std::ranges::find_if(pipes_, [&](const auto& pipe) { return pipe->compose_ssrc() == rtp::Ssrc(sender); });
  if (named == pipes_.end()) named = known;
  if (named == pipes_.end()) {
    counters_.drop(Drop::kUnknownPipe);
    return;
  }
  router_.forward(now);
  (*named)->on_rtcp(datagram, from, now);
}

void ShardCore::publish(Publication& publication, const std::string& stream, Timestamp now) {
  Stream& target = router_.stream(stream);
  // Pipes must let go of the old tracks before the new ones stand there: theirs have their own SSRCs.
  target.set_publication(nullptr, now);
  sync_pipes(now);
  target.set_publication(&publication, now);
  sync_pipes(now);
}

void ShardCore::sync_pipes(Timestamp now) {
  for (auto& pipe : pipes_) pipe->sync(now);
  for (auto& link : links_) link->sync(now);
}

void ShardCore::sync_shards(Timestamp now) {
  if (!mirrors_) return;
  router_.forward(now);
  for (const std::string& stream : mirrors_->register_own()) yield_stream(stream, now);
  std::vector<std::string> piped = piped_streams(now);
  if (mirrors_->drop_stale(piped, now)) sync_pipes(now);
  if (mirrors_->make_wanted(piped, now)) sync_pipes(now);
  for (auto& link : links_) link->sync(now);  // what is published elsewhere is announced, wanted or not
}

void ShardCore::yield_stream(const std::string& stream, Timestamp now) {
  for (auto& [id, session] : sessions_)
    if (session->publishes() && !session->ended() && session->stream() == stream) end(*session, "taken_over", now);
  Stream* present = router_.find(stream);
  if (!present || !present->publication() || !present->publication()->from_pipe) return;
  present->set_publication(nullptr, now);
  sync_pipes(now);
}

std::vector<std::string> ShardCore::piped_streams(Timestamp now) const {
  std::vector<std::string> streams;
  for (const auto& pipe : pipes_) streams.insert(streams.end(), pipe->consumed().begin(), pipe->consumed().end());
  for (const auto& link : links_) std::ranges::move(link->wanted_there(now), std::back_inserter(streams));
  std::ranges::sort(streams);
  auto repeated = std::ranges::unique(streams);
  streams.erase(repeated.begin(), repeated.end());
  return streams;
}

Timestamp ShardCore::next_tick() const {
  if (sessions_.empty() && pipes_.empty() && links_.empty()) return Timestamp::max();
  return std::min(next_media_tick_, next_life_tick_);
}

void ShardCore::on_bell(Timestamp now) {
  CHECK(thread_.here());
  if (!mirrors_) return;
  router_.forward(now);
  mirrors_->drain(now);
  if (mirrors_->due()) sync_shards(now);
}

void ShardCore::flush(Timestamp now) {
  Capture::Turn turn(capture_);
  if (capture_ && capture_->take_unflushed()) capture_->note(CaptureKind::kFlush, now);
  router_.forward(now);
  if (mirrors_) mirrors_->ring();
}

void ShardCore::tick(Timestamp now) {
  CHECK(thread_.here());
  Capture::Turn turn(capture_);
  if (capture_) capture_->note(CaptureKind::kTick, now);
  router_.forward(now);
  if (now >= next_media_tick_) {
    next_media_tick_ = now + kMediaTick;
    for (Ticked& ticked : ticked_)
      if (now >= ticked.due) ticked.due = ticked.session->tick_media(now);
    for (auto& pipe : pipes_) pipe->tick(now);
    for (auto& link : links_) link->tick(now);
    settle_links(now);
    router_.tick(now);
    if (mirrors_) mirrors_->tick(now);
  }
  if (now >= next_life_tick_) {
    next_life_tick_ = now + kLifeTick;
    for (auto& [id, session] : sessions_) {
      session->tick_life(now);
      if (WebRtcSession* webrtc = session->webrtc()) drain_ice(*webrtc, now);
      settle(*session, now);
    }
    reap(now);
    if (mirrors_ && mirrors_->due()) sync_shards(now);
  }
}

// An id that is in use already, as a replay's may be, is the newer session's.
void ShardCore::keep(std::unique_ptr<Session> session) {
  std::unique_ptr<Session>& place = sessions_[session->id()];
  std::erase_if(ticked_, [&](const Ticked& t) { return t.session == place.get(); });
  place = std::move(session);
  ticked_.push_back({{}, place.get()});
}

Timestamp ShardCore::oldest_shown_end(Timestamp now) const {
  Timestamp since = now - kEndedShown + Duration::micros(1);
  std::vector<Timestamp> ends;
  for (const auto& [id, session] : sessions_)
    if (session->ended() && session->ended_at() >= since) ends.push_back(session->ended_at());
  if (ends.size() <= kMaxEndedShown) return since;
  auto first = ends.end() - kMaxEndedShown;
  std::ranges::nth_element(ends, first);
  return *first;
}

void ShardCore::reap(Timestamp now) {
  size_t before = sessions_.size();
  std::erase_if(ticked_, [&](const Ticked& t) { return t.session->ended(); });
  Timestamp shown_since = oldest_shown_end(now);
  std::erase_if(sessions_, [&](const auto& entry) {
    bool gone = entry.second->ended() && entry.second->ended_at() < shown_since;
    if (gone && options_.mesh) options_.mesh->directory.forget(entry.first);
    return gone;
  });
  if (sessions_.size() != before) changed_ = true;
  router_.sweep();
}

bool ShardCore::has_room_to_publish(const std::string& stream) const {
  auto others = std::ranges::count_if(sessions_, [&](const auto& s) {
    return !s.second->ended() && s.second->publishes() && s.second->stream() != stream;
  });
  return static_cast<size_t>(others) < options_.bounds.publishers;
}

bool ShardCore::has_room_to_watch() const {
  auto viewers = std::ranges::count_if(sessions_, [](const auto& s) {
    bool connected = s.second->life() == Session::Life::kConnected || s.second->life() == Session::Life::kStalled;
    return connected && !s.second->publishes();
  });
  return static_cast<size_t>(viewers) < options_.bounds.viewers;
}

void ShardCore::bound_joining(Timestamp now) {
  size_t joining = 0;
  Session* longest = nullptr;
  for (auto& [id, session] : sessions_) {
    if (session->publishes() || session->life() != Session::Life::kNew) continue;
    ++joining;
    if (!longest || session->created_at() < longest->created_at()) longest = session.get();
  }
  if (joining > options_.bounds.joining) end(*longest, "gave_way", now);
}

}  // namespace footlight::relay
