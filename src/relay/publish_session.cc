#include "relay/publish_session.h"

#include <algorithm>

#include "base/random.h"
#include "relay/rtcp_dispatch.h"

namespace footlight::relay {
namespace {

constexpr Duration kSilence = Duration::seconds(2);  // state::SessionObserved: "stalled"
// Payload types on a pipe: what browsers usually call these codecs, so that captures read well.
constexpr int kPipeVideoType = 96;
constexpr int kPipeAudioType = 111;

Publication::Track make_track(const sdp::PublishTrack& track, Counters& counters) {
  ProducerParameters p;
  p.codec = track.codec.codec;
  p.payload_type = track.codec.payload_type;
  p.clock_rate = track.codec.clock_rate;
  p.channels = track.codec.channels;
  p.fmtp = track.codec.fmtp;
  p.nack = track.codec.feedback.nack;
  p.pli = track.codec.feedback.nack_pli;
  state::PipeTrack pipe;
  pipe.kind = media::name_of(track.kind);
  pipe.codec = media::name_of(p.codec);
  pipe.ssrc = random_u32();
  pipe.payload_type = track.kind == media::Kind::kVideo ? kPipeVideoType : kPipeAudioType;
  pipe.clock_rate = p.clock_rate;
  pipe.channels = p.channels;
  pipe.fmtp = p.fmtp;
  Publication::Track made{track.kind, {}, std::move(pipe)};
  made.layers.push_back({track.rid, std::make_unique<Producer>(std::move(p), counters)});
  return made;
}

}  // namespace

PublishSession::PublishSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport,
                               Router& router, const std::vector<sdp::PublishTrack>& tracks, Counters& counters,
                               Timestamp now)
    : WebRtcSession(std::move(id), std::move(stream), std::move(transport), counters, now),
      router_(router),
      feedback_(rtp::Ssrc(random_u32())) {
  publishes_ = true;
  publication_.owner = this->id();
  for (const sdp::PublishTrack& track : tracks) {
    publication_.tracks.push_back(make_track(track, counters));
    Agreed agreed;
    agreed.mid = track.mid;
    agreed.rid = track.rid;
    agreed.payload_type = track.codec.payload_type;
    agreed.rtx_payload_type = track.codec.rtx_payload_type;
    agreed.extensions = track.extensions;
    agreed.producer = publication_.tracks.back().layers.front().producer.get();
    if (track.rid.empty() && !track.sources.empty()) {
      agreed.signalled = true;
      agreed.producer->latch(track.sources[0].media);
      sources_.push_back({track.sources[0].media, agreed.producer, false});
      if (track.sources[0].rtx) sources_.push_back({*track.sources[0].rtx, agreed.producer, true});
    }
    if (track.extensions.has(rtp::ExtensionType::kTransportSequence)) transport_extension_ = track.extensions;
    agreed_.push_back(std::move(agreed));
  }
}

const PublishSession::Source* PublishSession::source_of(const rtp::PacketView& packet, Timestamp now) {
  auto known = std::ranges::find(sources_, packet.ssrc(), &Source::ssrc);
  return known != sources_.end() ? &*known : learn(packet, now);
}

const PublishSession::Source* PublishSession::learn(const rtp::PacketView& packet, Timestamp now) {
  for (const Agreed& agreed : agreed_) {
    bool rtx = packet.payload_type() == agreed.rtx_payload_type;
    if (!rtx && packet.payload_type() != agreed.payload_type) continue;
    auto extensions = rtp::read_extensions(packet, agreed.extensions);
    if (!extensions.mid.empty() && extensions.mid != agreed.mid) continue;
    // Layers of a simulcast share MID and payload type: only the agreed RID's own packets are it.
    if (!agreed.rid.empty() && (rtx ? extensions.repaired_rid : extensions.rid) != agreed.rid) continue;
    if (agreed.signalled && !rtx) continue;
    if (!rtx) {
      auto last = agreed.producer->last_arrival();
      if (agreed.producer->ssrc() && last && now - *last < kLatchSilence) return nullptr;
      std::erase_if(sources_, [&](const Source& s) { return s.producer == agreed.producer && !s.rtx; });
      agreed.producer->latch(packet.ssrc());
    } else {
      std::erase_if(sources_, [&](const Source& s) { return s.producer == agreed.producer && s.rtx; });
    }
    if (sources_.size() >= kMaxSources) return nullptr;
    sources_.push_back({packet.ssrc(), agreed.producer, rtx});
    return &sources_.back();
  }
  return nullptr;
}

void PublishSession::on_plain_rtp(const rtp::PacketView& packet, Timestamp now) {
  if (auto seq = rtp::read_extensions(packet, transport_extension_).transport_sequence)
    feedback_.on_transport_seq(*seq, now);
  const Source* source = source_of(packet, now);
  if (!source) {
    counters_.drop(Drop::kUnknownSsrc);
    return;
  }
  Producer& producer = *source->producer;
  if (!source->rtx && packet.payload_type() != producer.parameters().payload_type) {
    counters_.drop(Drop::kUnknownPayload);
    return;
  }
  bool fresh = source->rtx ? producer.on_rtx(packet, now) : producer.on_rtp(packet, now);
  if (fresh) router_.mark(router_.stream(stream()));
}

bool PublishSession::on_plain_rtcp(ByteView compound, Timestamp now) {
  return dispatch_rtcp(compound, &publication_, {}, now);
}

void PublishSession::on_connected(Timestamp now) {
  connected_at_ = now;
  for (auto& track : publication_.tracks)
    for (auto& layer : track.layers)
      if (auto rtt = transport().handshake_round_trip()) layer.producer->hint_round_trip(*rtt);
}

void PublishSession::on_end(Timestamp now) {
  Stream& stream = router_.stream(this->stream());
  if (stream.publication() == &publication_) stream.set_publication(nullptr, now);
}

void PublishSession::tick_media(Timestamp now) {
  if (!ended()) feedback_.tick(publication_, transport(), counters_, now);
}

bool PublishSession::silent(Timestamp now) const {
  if (WebRtcSession::silent(now)) return true;
  Timestamp last = connected_at_;
  for (const auto& track : publication_.tracks)
    for (const auto& layer : track.layers)
      last = std::max(last, layer.producer->last_arrival().value_or(connected_at_));
  return now - last >= kSilence;
}

void PublishSession::fill(state::SessionObserved& observed, Timestamp now) {
  for (auto& track : publication_.tracks) {
    Producer& producer = *track.layers.front().producer;
    observed.bitrate_bps += producer.bitrate(now);
    observed.loss_ratio = std::max(observed.loss_ratio, producer.loss_ratio());
    observed.jitter_ms = std::max(observed.jitter_ms, producer.jitter().seconds() * 1000);
    if (producer.kind() == media::Kind::kVideo) observed.fps = producer.fps(now);
  }
  if (auto rtt = transport().handshake_round_trip()) observed.rtt_ms = rtt->seconds() * 1000;
}

}  // namespace footlight::relay
