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
  p.red_payload_type = track.codec.red_payload_type;
  state::PipeTrack pipe;
  pipe.kind = media::name_of(track.kind);
  pipe.codec = media::name_of(p.codec);
  pipe.ssrc = random_u32();
  pipe.payload_type = track.kind == media::Kind::kVideo ? kPipeVideoType : kPipeAudioType;
  pipe.clock_rate = p.clock_rate;
  pipe.channels = p.channels;
  pipe.fmtp = p.fmtp;
  Publication::Track made{track.kind, {}, std::move(pipe)};
  for (const std::string& rid : track.rids) made.layers.push_back({rid, std::make_unique<Producer>(p, counters)});
  if (made.layers.empty()) made.layers.push_back({{}, std::make_unique<Producer>(std::move(p), counters)});
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
  publication_.tracks.reserve(tracks.size());
  for (const sdp::PublishTrack& track : tracks) {
    publication_.tracks.push_back(make_track(track, counters));
    Agreed agreed;
    agreed.mid = track.mid;
    agreed.payload_type = track.codec.payload_type;
    agreed.rtx_payload_type = track.codec.rtx_payload_type;
    agreed.red_payload_type = track.codec.red_payload_type;
    agreed.sources = track.sources;
    agreed.track = &publication_.tracks.back();
    agreed.extensions = track.extensions;
    agreed.signalled = track.rids.empty() && !track.sources.empty();
    agreed_.push_back(std::move(agreed));
  }
  for (const Agreed& agreed : agreed_) {
    if (!agreed.signalled) continue;
    Producer& producer = *agreed.track->layers.front().producer;
    producer.latch(agreed.sources[0].media);
    know(agreed, agreed.sources[0].media, producer, false);
    if (agreed.sources[0].rtx) know(agreed, *agreed.sources[0].rtx, producer, true);
  }
}

void PublishSession::know(const Agreed& agreed, rtp::Ssrc ssrc, Producer& producer, bool rtx) {
  sources_.push_back({ssrc, &producer, rtx, static_cast<uint8_t>(&agreed - agreed_.data())});
}

const PublishSession::Source* PublishSession::source_of(rtp::Ssrc ssrc) const {
  auto known = std::ranges::find(sources_, ssrc, &Source::ssrc);
  return known != sources_.end() ? &*known : nullptr;
}

// The section that a packet belongs to: its source's, or the one that its payload type and MID name.
const PublishSession::Agreed* PublishSession::section_of(const rtp::PacketView& packet, const Source* source) const {
  if (source) return &agreed_[source->section];
  const rtp::PayloadType type = packet.payload_type();
  for (const Agreed& agreed : agreed_) {
    if (type != agreed.payload_type && type != agreed.rtx_payload_type && type != agreed.red_payload_type) continue;
    const auto mid = rtp::read_extensions(packet, agreed.extensions).mid;
    if (mid.empty() || mid == agreed.mid) return &agreed;
  }
  return nullptr;
}

const PublishSession::Source* PublishSession::learn(const rtp::PacketView& packet, const Agreed& agreed,
                                                    const rtp::Extensions& extensions, Timestamp now) {
  const bool rtx = packet.payload_type() == agreed.rtx_payload_type;
  if (agreed.signalled && !rtx) return nullptr;
  // Layers of a simulcast share MID and payload type: only the agreed RID's own packets are it.
  const std::string_view rid = rtx ? extensions.repaired_rid : extensions.rid;
  for (const Publication::Layer& layer : agreed.track->layers) {
    if (layer.rid != rid && !layer.rid.empty()) continue;
    Producer& producer = *layer.producer;
    if (rtx)
      forget(producer, true);
    else if (!latch(agreed, producer, packet.ssrc(), now))
      return nullptr;
    if (sources_.size() >= kMaxSources) return nullptr;
    know(agreed, packet.ssrc(), producer, rtx);
    return &sources_.back();
  }
  return nullptr;
}

// False: the present SSRC of this encoding is still heard.
bool PublishSession::latch(const Agreed& agreed, Producer& producer, rtp::Ssrc ssrc, Timestamp now) {
  auto last = producer.last_arrival();
  if (producer.ssrc() && last && now - *last < kLatchSilence) return false;
  forget(producer, false);
  producer.latch(ssrc);
  // Firefox and OBS name RIDs and SSRCs both: the retransmissions of this one are known with it.
  auto named = std::ranges::find(agreed.sources, ssrc, &sdp::PublishSource::media);
  if (named == agreed.sources.end() || !named->rtx || sources_.size() + 1 >= kMaxSources) return true;
  if (std::ranges::find(sources_, *named->rtx, &Source::ssrc) == sources_.end())
    know(agreed, *named->rtx, producer, true);
  return true;
}

void PublishSession::forget(const Producer& producer, bool rtx) {
  std::erase_if(sources_, [&](const Source& s) { return s.producer == &producer && s.rtx == rtx; });
}

void PublishSession::on_plain_rtp(const rtp::PacketView& packet, Timestamp now) {
  const Source* source = source_of(packet.ssrc());
  const Agreed* section = section_of(packet, source);
  rtp::Extensions extensions;
  if (section) extensions = rtp::read_extensions(packet, section->extensions);
  if (extensions.transport_sequence)
    feedback_.on_transport_seq(*extensions.transport_sequence, now, packet.bytes().size());
  if (!source && section) source = learn(packet, *section, extensions, now);
  if (!source) {
    drop_stray(packet.ssrc());
    return;
  }
  Producer& producer = *source->producer;
  const rtp::PayloadType type = packet.payload_type();
  if (!source->rtx && type != producer.parameters().payload_type && type != producer.parameters().red_payload_type) {
    counters_.drop(Drop::kUnknownPayload);
    return;
  }
  bool fresh = source->rtx ? producer.on_rtx(packet, now, extensions) : producer.on_rtp(packet, now, extensions);
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

Timestamp PublishSession::tick_media(Timestamp now) {
  if (!ended()) feedback_.tick(publication_, transport(), counters_, now);
  return now;
}

// Its media alone says so: one lost consent check of a peer that sends them 6 s apart (RFC 7675 §5.1) is no silence.
bool PublishSession::silent(Timestamp now) const {
  Timestamp last = connected_at_;
  for (const auto& track : publication_.tracks)
    for (const auto& layer : track.layers)
      last = std::max(last, layer.producer->last_arrival().value_or(connected_at_));
  return now - last >= kSilence;
}

void PublishSession::fill(state::SessionObserved& observed, Timestamp now) {
  for (auto& track : publication_.tracks) {
    for (auto& layer : track.layers) {
      Producer& producer = *layer.producer;
      observed.bitrate_bps += producer.bitrate(now);
      observed.loss_ratio = std::max(observed.loss_ratio, producer.loss_ratio());
      observed.jitter_ms = std::max(observed.jitter_ms, producer.jitter().seconds() * 1000);
      if (producer.kind() == media::Kind::kVideo) observed.fps = std::max(observed.fps, producer.fps(now));
      observed.media.push_back(producer.observe(layer.rid, now));
    }
  }
  if (auto rtt = transport().handshake_round_trip()) observed.rtt_ms = rtt->seconds() * 1000;
}

}  // namespace footlight::relay
