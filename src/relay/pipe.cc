#include "relay/pipe.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "base/text_codec.h"
#include "relay/rtcp_dispatch.h"
#include "relay/webrtc_transport.h"
#include "rtp/packet_view.h"
#include "rtp/pipe_extensions.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/pli.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// Each publish session brings new SSRCs, and a pipe lives as long as its programme: the oldest are forgotten.
constexpr size_t kMaxPipeStreams = 8192;
// Compose says something each 500 ms.
constexpr Duration kSilence = Duration::seconds(5);
constexpr size_t kJoinedKeySize = 28;  // AES-128-GCM key and salt (RFC 7714 §12)

Publication::Track make_track(const state::PipeTrack& track, media::Codec codec, Counters& counters) {
  ProducerParameters p;
  p.codec = codec;
  p.payload_type = rtp::PayloadType(static_cast<uint8_t>(track.payload_type));
  p.clock_rate = track.clock_rate;
  p.channels = track.channels;
  p.fmtp = track.fmtp;
  p.nack = true;
  p.pli = media::kind_of(codec) == media::Kind::kVideo;
  auto producer = std::make_unique<Producer>(std::move(p), counters);
  producer->latch(rtp::Ssrc(track.ssrc));
  Publication::Track made{media::kind_of(codec), {}, track};
  made.layers.push_back({{}, std::move(producer)});
  return made;
}

// Compose hears of another publication's tracks only when their first key frame has gone to nowhere, and RTMP's
// encoders make none when they are asked: the newest one is sent again, with what followed, while it is at hand.
void repeat_key_frames(ByteView compound, const Publication& publication,
                       std::span<const std::unique_ptr<Consumer>> consumers, Timestamp now) {
  auto reader = rtp::rtcp::CompoundReader::parse(compound);
  rtp::rtcp::Block block;
  while (reader && reader->next(block)) {
    if (block.type != rtp::rtcp::BlockType::kPayloadFeedback || block.count != rtp::rtcp::kFmtPli) continue;
    auto pli = rtp::rtcp::Pli::parse(block);
    for (size_t i = 0; pli && i < consumers.size(); ++i) {
      const Producer* source = consumers[i]->producer();
      if (consumers[i]->parameters().ssrc != pli->media || !source) continue;
      if (source->parameters().pli || !source->join_start()) continue;
      consumers[i]->set_track(nullptr, now);
      consumers[i]->set_track(&publication.tracks[i], now);
    }
  }
}

}  // namespace

std::unique_ptr<Pipe> Pipe::make(const state::RelayPipe& desired, const SocketAddress& local, DatagramOutput& output,
                                 Router& router, Counters& counters) {
  auto joined = from_base64(desired.key.key);
  if (!joined || joined->size() != 2 * kJoinedKeySize) return nullptr;
  auto to_relay = srtp::MasterKey::from_joined(srtp::Profile::kAeadAes128Gcm, ByteView(*joined).first(kJoinedKeySize));
  auto to_compose =
      srtp::MasterKey::from_joined(srtp::Profile::kAeadAes128Gcm, ByteView(*joined).subspan(kJoinedKeySize));
  if (!to_relay || !to_compose) return nullptr;
  return std::unique_ptr<Pipe>(new Pipe(desired, *to_relay, *to_compose, local, output, router, counters));
}

Pipe::Pipe(const state::RelayPipe& desired, const srtp::MasterKey& to_relay, const srtp::MasterKey& to_compose,
           const SocketAddress& local, DatagramOutput& output, Router& router, Counters& counters)
    : id_(desired.key.id),
      key_text_(desired.key.key),
      compose_ssrc_(desired.key.compose_ssrc),
      local_(local),
      output_(output),
      router_(router),
      counters_(counters),
      sender_(to_compose, srtp::Repeats::kIdenticalBytes, kMaxPipeStreams, srtp::WhenFull::kForgetOldest),
      receiver_(to_relay),
      consumed_(desired.consume),
      publish_stream_(desired.publish_stream),
      publish_tracks_(desired.publish_tracks),
      feedback_(rtp::Ssrc(desired.key.relay_ssrc)) {
  publication_.owner = id_;
  publication_.from_pipe = true;
  for (const state::PipeTrack& track : publish_tracks_) {
    auto codec = media::codec_named(track.codec);
    if (codec && track.clock_rate > 0) publication_.tracks.push_back(make_track(track, *codec, counters_));
  }
}

Pipe::~Pipe() = default;

bool Pipe::same_pipe(const state::RelayPipe& desired) const {
  return desired.key.key == key_text_ && desired.key.compose_ssrc == compose_ssrc_.value() &&
         desired.publish_stream == publish_stream_ && desired.publish_tracks == publish_tracks_;
}

void Pipe::sync(Timestamp now) {
  std::erase_if(links_, [&](Link& link) {
    Stream* stream = router_.find(link.stream);
    bool wanted = std::ranges::find(consumed_, link.stream) != consumed_.end();
    Publication* present = stream ? stream->publication() : nullptr;
    if (wanted && present == link.publication && present->owner == link.owner) return false;
    unlink(link);
    return true;
  });
  for (const std::string& id : consumed_) {
    Stream* stream = router_.find(id);
    if (!stream || !stream->publication() || stream->publication() == &publication_) continue;
    if (std::ranges::find(links_, id, &Link::stream) == links_.end()) link(*stream, now);
  }
}

void Pipe::link(Stream& stream, Timestamp now) {
  Publication& publication = *stream.publication();
  Link link{&publication, publication.owner, stream.id(), {}};
  for (const auto& track : publication.tracks) {
    const ProducerParameters& source = track.layers.front().producer->parameters();
    ConsumerParameters p;
    p.codec = source.codec;
    p.clock_rate = source.clock_rate;
    p.ssrc = rtp::Ssrc(track.pipe.ssrc);
    p.payload_type = rtp::PayloadType(static_cast<uint8_t>(track.pipe.payload_type));
    p.resend_plain = true;
    if (track.kind == media::Kind::kVideo) p.extensions = rtp::pipe_extensions();
    p.cname = publication.owner;
    link.consumers.push_back(std::make_unique<Consumer>(std::move(p), *this, counters_));
    stream.add(*link.consumers.back(), now);
  }
  links_.push_back(std::move(link));
}

void Pipe::unlink(Link& link) {
  if (Stream* stream = router_.find(link.stream))
    for (auto& consumer : link.consumers) stream->remove(*consumer);
}

void Pipe::leave(Timestamp now) {
  for (Link& link : links_) unlink(link);
  links_.clear();
  if (Stream* stream = router_.find(publish_stream_); stream && stream->publication() == &publication_)
    stream->set_publication(nullptr, now);
}

bool Pipe::on_rtcp(MutableByteView datagram, const SocketAddress& from, Timestamp now) {
  auto size = receiver_.unprotect_rtcp(datagram);
  if (!size) {
    counters_.drop(drop_of(size.error()));
    return false;
  }
  ByteView plain = datagram.first(*size);
  if (capture) capture->note(CaptureKind::kPipeRtcp, now, id_, plain);
  on_clear_rtcp(plain, from, now);
  return true;
}

void Pipe::on_clear_rtcp(ByteView plain, const SocketAddress& from, Timestamp now) {
  ++counters_.rtcp_in;
  heard_at_ = now;
  bool moved = remote_ != from;
  if (moved) {
    remote_ = from;
    kLog.info("pipe address", {{"pipe", id_}, {"remote", from.to_string()}});
  }
  bool known = dispatch_rtcp(plain, &publication_, {}, now);
  for (Link& link : links_) {
    dispatch_rtcp(plain, nullptr, link.consumers, now);
    repeat_key_frames(plain, *link.publication, link.consumers, now);
    if (moved)
      for (auto& consumer : link.consumers) consumer->tick(now);
  }
  if (!known) counters_.drop(Drop::kMalformed);
}

void Pipe::on_rtp(MutableByteView datagram, Timestamp now) {
  auto size = receiver_.unprotect_rtp(datagram);
  if (!size) {
    counters_.drop(drop_of(size.error()));
    return;
  }
  ByteView plain = datagram.first(*size);
  if (capture) capture->note(CaptureKind::kPipeRtp, now, id_, plain);
  on_clear_rtp(plain, now);
}

void Pipe::on_clear_rtp(ByteView plain, Timestamp now) {
  auto packet = rtp::PacketView::parse(plain);
  if (!packet) {
    counters_.drop(Drop::kMalformed);
    return;
  }
  ++counters_.packets_in;
  counters_.bytes_in += plain.size();
  for (auto& track : publication_.tracks) {
    Producer& producer = *track.layers.front().producer;
    if (producer.ssrc() != packet->ssrc()) continue;
    if (!producer.on_rtp(*packet, now)) return;
    Stream* stream = router_.find(publish_stream_);
    if (stream && stream->publication() == &publication_)
      router_.mark(*stream);
    else
      producer.clear_fresh();
    return;
  }
  counters_.drop(Drop::kUnknownSsrc);
}

void Pipe::tick(Timestamp now) { feedback_.tick(publication_, *this, counters_, now); }

state::LinkObserved Pipe::observe(Timestamp now) {
  state::LinkObserved observed;
  observed.id = id_;
  observed.state = remote_ && now - heard_at_ < kSilence ? "connected" : "silent";
  if (remote_) observed.remote = remote_->to_string();
  if (!publish_stream_.empty()) {
    state::LinkStreamObserved programme{publish_stream_, "in", {}};
    for (auto& track : publication_.tracks) programme.media.push_back(track.layers.front().producer->observe("", now));
    observed.streams.push_back(std::move(programme));
  }
  for (Link& link : links_) {
    state::LinkStreamObserved source{link.stream, "out", {}};
    for (auto& consumer : link.consumers) source.media.push_back(consumer->observe(now));
    observed.streams.push_back(std::move(source));
  }
  return observed;
}

MutableByteView Pipe::rtp_slot() {
  slot_ = output_.slot({local_, *remote_});
  return slot_;
}

size_t Pipe::send_rtp(size_t header_size, ByteView payload) {
  auto size =
      header_size == 0 ? unexpected(srtp::SrtpError::kTooShort) : sender_.protect_rtp(slot_, header_size, payload);
  if (!size) {
    counters_.drop(Drop::kUnsendable);
    return 0;
  }
  output_.commit(*size);
  ++counters_.packets_out;
  counters_.bytes_out += *size;
  return *size;
}

void Pipe::send_rtcp(ByteView compound) {
  if (!remote_) return;
  MutableByteView slot = output_.slot({local_, *remote_});
  if (compound.size() + srtp::kMaxRtcpOverhead > slot.size()) return;
  std::memcpy(slot.data(), compound.data(), compound.size());
  auto size = sender_.protect_rtcp(slot, compound.size());
  if (!size) return;
  output_.commit(*size);
  ++counters_.rtcp_out;
}

}  // namespace footlight::relay
