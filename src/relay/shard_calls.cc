// The calls into the shard core: signalling, desired and observed state.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "relay/shard_core.h"
#include "sdp/offer.h"
#include "sdp/sdpfrag.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

std::unexpected<SessionError> refuse(SessionErrorKind kind, std::string detail) {
  return unexpected(SessionError{kind, std::move(detail)});
}

std::unexpected<SessionError> refuse(const sdp::NegotiateError& error) {
  switch (error.kind) {
    case sdp::NegotiateErrorKind::kUnreadable:
      return refuse(SessionErrorKind::kUnreadable, error.sentence);
    case sdp::NegotiateErrorKind::kNoCommonCodec:
      return refuse(SessionErrorKind::kNoCommonCodec, error.sentence);
    case sdp::NegotiateErrorKind::kNoUsableCodec:
    case sdp::NegotiateErrorKind::kUnsupported:
      break;
  }
  return refuse(SessionErrorKind::kNoUsableCodec, error.sentence);
}

// The first fingerprint that we can check.
std::optional<dtls::Fingerprint> usable_fingerprint(const sdp::RemoteTransport& remote) {
  for (const sdp::Fingerprint& fingerprint : remote.fingerprints)
    if (auto usable = dtls::Fingerprint::parse(fingerprint.algorithm, fingerprint.value)) return usable;
  return std::nullopt;
}

// What no browser takes stays between relay and compose.
bool webrtc_plays(const state::PipeTrack& track) {
  return track.codec != media::name_of(media::Codec::kAac) && !track.b_frames;
}

sdp::AvailableStream available_of(const std::vector<state::PipeTrack>& tracks, const std::string& name) {
  sdp::AvailableStream available;
  available.cname = random_id(8);
  available.msid = name;
  for (const state::PipeTrack& track : tracks) {
    auto codec = media::codec_named(track.codec);
    if (!codec || track.clock_rate <= 0) continue;
    sdp::AvailableTrack t;
    t.codec = *codec;
    t.clock_rate = track.clock_rate;
    t.channels = track.channels;
    t.fmtp = track.fmtp;
    t.ssrc = rtp::Ssrc(random_u32());
    if (media::kind_of(*codec) == media::Kind::kVideo) t.rtx_ssrc = rtp::Ssrc(random_u32());
    available.tracks.push_back(std::move(t));
  }
  return available;
}

std::vector<ConsumerParameters> consumers_of(const sdp::SubscribeAnswer& answer,
                                             const sdp::AvailableStream& available) {
  std::vector<ConsumerParameters> consumers;
  for (const sdp::SubscribeTrack& track : answer.tracks) {
    const sdp::AvailableTrack& source = available.tracks[track.track];
    ConsumerParameters p;
    p.codec = track.codec.codec;
    p.clock_rate = track.codec.clock_rate;
    p.ssrc = source.ssrc;
    p.payload_type = track.codec.payload_type;
    p.red_payload_type = track.codec.red_payload_type;
    if (track.sends_rtx && track.codec.rtx_payload_type) {
      p.rtx_ssrc = source.rtx_ssrc;
      p.rtx_payload_type = *track.codec.rtx_payload_type;
    }
    p.resend_plain = !p.rtx_ssrc && track.codec.feedback.nack;
    p.fragments = sdp::packetization_mode(sdp::FormatParameters(track.codec.fmtp)) == 1;
    p.b_frames = false;
    p.mid = track.mid;
    p.extensions = track.extensions;
    p.cname = available.cname;
    consumers.push_back(std::move(p));
  }
  return consumers;
}

}  // namespace

sdp::LocalParameters ShardCore::local_parameters(const ice::Credentials& credentials) const {
  sdp::LocalParameters local;
  local.session_id = fmt::format("{}", random_u64() >> 1);
  local.ice_ufrag = credentials.ufrag;
  local.ice_pwd = credentials.password.reveal();
  local.fingerprint = certificate_.fingerprint().hex();
  local.candidates = options_.candidates;
  return local;
}

Result<std::unique_ptr<WebRtcSession>, SessionError> ShardCore::make_publisher(const state::SessionRequest& request,
                                                                               Timestamp now) {
  ice::Credentials credentials = ice::make_credentials();
  auto answer = sdp::negotiate_publish(request.offer, local_parameters(credentials));
  if (!answer) return refuse(answer.error());
  auto fingerprint = usable_fingerprint(answer->remote);
  if (!fingerprint) return refuse(SessionErrorKind::kUnreadable, "The offer has no fingerprint of a known hash.");
  auto transport = std::make_unique<WebRtcTransport>(media_, certificate_, credentials, std::move(fingerprint),
                                                     srtp::Repeats::kRefuse, counters_, now);
  auto session = std::make_unique<PublishSession>(request.id, request.stream, std::move(transport), router_,
                                                  answer->tracks, counters_, now);
  session->reply.answer = std::move(answer->answer);
  for (const auto& track : session->publication().tracks) session->reply.tracks.push_back(track.pipe);
  session->peer_ice.begin(answer->remote.ice_ufrag);
  session->ufrags = {credentials.ufrag};
  // A second publish to a stream ends the first.
  for (auto& [id, other] : sessions_)
    if (other->publishes() && !other->ended() && other->stream() == request.stream) end(*other, "taken_over", now);
  publish(session->publication(), request.stream, now);
  return session;
}

Result<std::unique_ptr<WebRtcSession>, SessionError> ShardCore::make_viewer(const state::SessionRequest& request,
                                                                            Timestamp now) {
  Stream* stream = router_.find(request.stream);
  auto tracks = stream ? stream->available() : std::vector<state::PipeTrack>{};
  // What another shard publishes is truer than what was declared beforehand.
  if (mirrors_ && (!stream || !stream->publication()))
    if (auto elsewhere = mirrors_->tracks_elsewhere(request.stream); !elsewhere.empty()) tracks = std::move(elsewhere);
  if (tracks.empty()) return refuse(SessionErrorKind::kNoTracks, "Nobody publishes to this stream yet.");
  std::erase_if(tracks, [](const state::PipeTrack& track) { return !webrtc_plays(track); });
  if (tracks.empty())
    return refuse(SessionErrorKind::kNoCommonCodec,
                  "This is an RTMP feed that WebRTC cannot play: AAC and B-frames are for the programme only.");
  ice::Credentials credentials = ice::make_credentials();
  sdp::AvailableStream available = available_of(tracks, request.stream);
  auto answer = sdp::negotiate_subscribe(request.offer, local_parameters(credentials), available);
  if (!answer) return refuse(answer.error());
  auto fingerprint = usable_fingerprint(answer->remote);
  if (!fingerprint) return refuse(SessionErrorKind::kUnreadable, "The offer has no fingerprint of a known hash.");
  auto consumers = consumers_of(*answer, available);
  bool plain = std::ranges::any_of(consumers, &ConsumerParameters::resend_plain);
  auto transport = std::make_unique<WebRtcTransport>(media_, certificate_, credentials, std::move(fingerprint),
                                                     plain ? srtp::Repeats::kIdenticalBytes : srtp::Repeats::kRefuse,
                                                     counters_, now);
  auto session = std::make_unique<SubscribeSession>(request.id, request.stream, std::move(transport), router_,
                                                    std::move(consumers), counters_, now);
  session->reply.answer = std::move(answer->answer);
  session->peer_ice.begin(answer->remote.ice_ufrag);
  session->ufrags = {credentials.ufrag};
  return session;
}

Result<state::SessionReply, SessionError> ShardCore::create_session(const state::SessionRequest& request,
                                                                    Timestamp now) {
  CHECK(thread_.here());
  Capture::Turn turn(capture_);
  if (capture_) capture_->note(CaptureKind::kCreate, now, request.id, as_bytes(state::to_json(request)));
  if (Session* known = find(request.id)) {
    if (known->ended()) return refuse(SessionErrorKind::kUnknownSession, "This session has ended; use a new id.");
    if (!known->webrtc()) return refuse(SessionErrorKind::kUnknownSession, "This id is in use.");
    return known->webrtc()->reply;
  }
  if (request.id.empty() || request.stream.empty())
    return refuse(SessionErrorKind::kUnreadable, "A session needs an id and a stream.");
  if (revoked_.contains(request.id)) return refuse(SessionErrorKind::kUnknownSession, "This session was revoked.");
  bool publishes = request.kind == "publish";
  if (!publishes && request.kind != "subscribe")
    return refuse(SessionErrorKind::kUnreadable, "A session is of kind publish or subscribe.");
  router_.forward(now);
  if (!(publishes ? has_room_to_publish(request.stream) : has_room_to_watch()))
    return refuse(SessionErrorKind::kUnavailable, "The relay is full; try again later.");
  auto made = publishes ? make_publisher(request, now) : make_viewer(request, now);
  if (!made) return unexpected(made.error());
  WebRtcSession& session = **made;
  session.reply.relay_epoch = options_.epoch;
  session.reply.ice_tag = random_id(9);
  by_ufrag_[session.ufrags.front()] = &session;
  session.capture = capture_;
  session.note_relayed(request.offer);
  keep(std::move(*made));
  settle(session, now);
  if (!publishes) bound_joining(now);
  kLog.info("session opened", {{"session", request.id}, {"kind", request.kind}, {"stream", request.stream}});
  return session.reply;
}

Result<PatchReply, SessionError> ShardCore::patch_session(const std::string& id, const std::string& sdpfrag,
                                                          Timestamp now) {
  Capture::Turn turn(capture_);
  if (capture_) capture_->note(CaptureKind::kPatch, now, id, as_bytes(sdpfrag));
  Session* found = find(id);
  WebRtcSession* session = found ? found->webrtc() : nullptr;
  if (!session || session->ended()) return refuse(SessionErrorKind::kUnknownSession, "There is no such session.");
  auto fragment = sdp::SdpFrag::parse(sdpfrag);
  if (!fragment) return refuse(SessionErrorKind::kUnreadable, fragment.error().message);
  // Trickled candidates need no answer: ICE-lite learns addresses from the peer's checks. They tell of TURN.
  session->note_relayed(sdpfrag);
  if (const PatchReply* again = session->peer_ice.answered(sdpfrag)) return *again;
  if (!session->peer_ice.is_restart(fragment->ice_ufrag)) return PatchReply{"", session->reply.ice_tag};
  ice::Credentials credentials = ice::make_credentials();
  session->transport().ice().restart(credentials);
  session->ufrags.push_back(credentials.ufrag);
  // A restart that follows another unfinished one replaces it: the agent keeps two generations at most.
  while (session->ufrags.size() > 2) {
    by_ufrag_.erase(session->ufrags[1]);
    session->ufrags.erase(session->ufrags.begin() + 1);
  }
  by_ufrag_[credentials.ufrag] = session;
  session->reply.ice_tag = random_id(9);
  PatchReply reply{sdp::write_sdpfrag(*fragment, local_parameters(credentials)), session->reply.ice_tag};
  session->peer_ice.restarted(fragment->ice_ufrag, sdpfrag, reply);
  return reply;
}

void ShardCore::delete_session(const std::string& id, Timestamp now) {
  Capture::Turn turn(capture_);
  if (capture_) capture_->note(CaptureKind::kDelete, now, id);
  if (Session* session = find(id)) end(*session, "deleted", now);
}

void ShardCore::end_all(const std::string& reason, Timestamp now) {
  for (auto& [id, session] : sessions_) end(*session, reason.c_str(), now);
}

void ShardCore::apply(const state::RelayDesired& desired, Timestamp now) {
  CHECK(thread_.here());
  Capture::Turn turn(capture_);
  note_desired(desired, now);
  router_.forward(now);
  router_.declare(desired.streams);
  if (options_.shard == 0) {
    apply_pipes(desired.pipes, now);
    apply_links(desired.links, now);
  }
  sync_shards(now);
  revoked_ = {desired.ended_sessions.begin(), desired.ended_sessions.end()};
  for (auto& [id, session] : sessions_)
    if (revoked_.contains(id)) end(*session, "revoked", now);
  apply_rtmp_keys(desired.rtmp_keys, now);
  if (applied_generation_ != desired.generation) changed_ = true;
  applied_generation_ = desired.generation;
}

void ShardCore::apply_pipes(const std::vector<state::RelayPipe>& wanted, Timestamp now) {
  std::erase_if(pipes_, [&](const std::unique_ptr<Pipe>& pipe) {
    bool stays = std::ranges::any_of(
        wanted, [&](const state::RelayPipe& w) { return w.key.id == pipe->id() && pipe->same_pipe(w); });
    if (stays) return false;
    pipe->leave(now);
    kLog.info("pipe closed", {{"pipe", pipe->id()}});
    return true;
  });
  for (const state::RelayPipe& w : wanted) {
    auto known = std::ranges::find_if(pipes_, [&](const auto& pipe) { return pipe->id() == w.key.id; });
    if (known != pipes_.end()) {
      (*known)->set_consumed(w.consume);
      continue;
    }
    auto pipe = Pipe::make(w, options_.pipe_address, pipe_, router_, counters_);
    if (!pipe) {
      kLog.error("pipe key is unusable: 56 bytes of base64 are needed", {{"pipe", w.key.id}});
      continue;
    }
    kLog.info("pipe opened", {{"pipe", w.key.id}});
    pipe->capture = capture_;
    if (!w.publish_stream.empty()) publish(pipe->publication(), w.publish_stream, now);
    pipes_.push_back(std::move(pipe));
  }
  sync_pipes(now);
}

Gauges ShardCore::gauges() const {
  Gauges g;
  for (const auto& [id, session] : sessions_) {
    if (session->ended()) continue;
    ++(session->publishes() ? g.publishers : g.viewers);
  }
  g.pipes = pipes_.size();
  for (const auto& [id, stream] : router_.streams())
    if (stream->publication() && !(mirrors_ && mirrors_->is_mirror(id, stream->publication()))) ++g.streams;
  return g;
}

ShardReport ShardCore::report(Timestamp now) {
  ShardReport report;
  report.applied_generation = applied_generation_;
  report.counters = counters_;
  report.gauges = gauges();
  if (mirrors_) {
    report.rings = mirrors_->ring_counters();
    report.mirrors = mirrors_->mirrors();
  }
  for (auto& [id, session] : sessions_) report.sessions.push_back(session->observe(now));
  for (const auto& link : links_) report.links.push_back(link->observe(now));
  for (const auto& pipe : pipes_) report.pipes.push_back(pipe->observe(now));
  return report;
}

state::RelayObserved ShardCore::observed(Timestamp now) {
  std::vector<ShardReport> one;
  one.push_back(report(now));
  return observed_of(options_.epoch, options_.pipe_address, std::move(one));
}

}  // namespace footlight::relay
