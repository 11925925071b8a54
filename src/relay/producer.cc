#include "relay/producer.h"

#include <array>

#include "rtp/payload/key_frame.h"
#include "rtp/payload/picture_size.h"
#include "rtp/rtx.h"

namespace footlight::relay {
namespace {
constexpr Duration kSilent = Duration::seconds(2);  // state::TrackObserved: "silent"
}  // namespace

Producer::Producer(ProducerParameters parameters, Counters& counters)
    : parameters_(std::move(parameters)),
      counters_(counters),
      buffer_(kind() == media::Kind::kVideo ? PacketBuffer::kVideoPackets : PacketBuffer::kAudioPackets),
      join_cache_(parameters_.clock_rate),
      timeline_(parameters_.clock_rate) {}

void Producer::latch(rtp::Ssrc ssrc) {
  if (ssrc_ == ssrc) return;
  if (ssrc_) {
    begin_anew();
    seqs_.reset();
    times_.reset();
    timeline_.reset();
    held_.reset();
    first_of_line_ = {};
    frame_layers_ = {};
    repeated_ = {};
    meter_.reset();
  }
  ssrc_ = ssrc;
  statistics_.emplace(ssrc, parameters_.clock_rate);
}

void Producer::begin_anew() {
  ++incarnation_;
  buffer_.clear();
  join_cache_.clear();
  nacks_.reset();
  governor_.reset();
  clock_.reset();
  clear_fresh();
  key_arrival_.reset();
  meter_.on_new_line();
  last_frame_time_.reset();
}

bool Producer::on_rtp(const rtp::PacketView& packet, Timestamp now, const rtp::Extensions& extensions) {
  statistics_->on_packet(packet.seq(), packet.time(), now, packet.bytes().size());
  bits_.add(static_cast<int64_t>(packet.bytes().size()) * 8, now);
  last_arrival_ = now;
  return store(packet, extensions, now);
}

bool Producer::on_rtx(const rtp::PacketView& packet, Timestamp now, const rtp::Extensions& extensions) {
  ++counters_.rtx_in;
  if (!ssrc_) return false;  // of a stream that was never seen (mediasoup #1653)
  std::array<uint8_t, 1600> original;
  size_t size = rtp::unwrap_rtx(original, packet, *ssrc_, parameters_.payload_type);
  if (size == 0) return false;  // a bandwidth probe: padding only
  auto view = rtp::PacketView::parse(ByteView(original).first(size));
  return view && store(*view, extensions, now);
}

bool Producer::store(const rtp::PacketView& packet, const rtp::Extensions& extensions, Timestamp now) {
  StoredPacket stored;
  ByteView payload = packet.payload();
  std::optional<rtp::RedView> repair;
  if (packet.payload_type() == parameters_.red_payload_type && !payload.empty()) {
    auto red = rtp::RedView::parse(payload);
    if (!red || red->primary_type() != parameters_.payload_type) {
      counters_.drop(red ? Drop::kUnknownPayload : Drop::kMalformed);
      return false;
    }
    stored.primary_at = static_cast<uint16_t>(payload.size() - red->primary().size());
    repair = *red;
  }
  stored.seq = seqs_.unwrap(packet.seq());
  stored.time = times_.unwrap(packet.time());
  stored.arrival = now;
  stored.marker = packet.marker();
  stored.extensions = {extensions.abs_capture_time, extensions.playout_delay, extensions.video_orientation,
                       extensions.audio_level};
  if (kind() == media::Kind::kVideo) {
    stored.key = !payload.empty() && rtp::starts_key_frame(parameters_.codec, payload);
    stored.parameters = rtp::holds_only_parameters(parameters_.codec, payload);
    stored.picture = read_picture(parameters_.codec, payload, extensions.dependency_descriptor);
    place_in_layers(stored, extensions.dependency_descriptor);
    repeat_extensions(stored);
  }
  if (!keep(stored, payload, extensions.dependency_descriptor, now)) return false;
  if (repair) recover(*repair, stored.seq, stored.time, now);
  return true;
}

// RED is the only repair of sound on the way in: browsers offer no NACK for it. What it repeats fills the gap just
// below it, as a plain packet. Its place is found by time, because padding stands between packets in the same numbers.
void Producer::recover(const rtp::RedView& red, rtp::UnwrappedSeq seq, rtp::UnwrappedTime time, Timestamp now) {
  constexpr int64_t kLook = 16;  // twice what RedView takes
  for (const rtp::RedView::Block& block : red.redundant()) {
    if (block.payload_type != parameters_.payload_type || block.data.empty()) continue;
    const rtp::UnwrappedTime wanted(time.value() - block.time_offset);
    std::optional<rtp::UnwrappedSeq> place;
    for (rtp::UnwrappedSeq at = seq.plus(-1); seq - at <= kLook && at >= buffer_.oldest(); at = at.plus(-1)) {
      const StoredPacket* there = buffer_.find(at);
      if (!there) {
        if (!place) place = at;
        continue;
      }
      if (there->payload.empty()) continue;
      if (there->time > wanted) {
        place.reset();
        continue;
      }
      if (there->time == wanted) place.reset();
      if (!place) break;
      StoredPacket recovered;
      recovered.seq = *place;
      recovered.time = wanted;
      recovered.arrival = now;
      if (keep(recovered, block.data, {}, now)) ++counters_.red_repairs;
      break;
    }
  }
}

void Producer::place_in_layers(StoredPacket& packet, ByteView descriptor) {
  if (parameters_.codec != media::Codec::kAv1 || descriptor.empty()) return;
  const auto place = frame_layers_.read(descriptor);
  if (!place) return;
  packet.picture.frame_start = place->start;
  packet.picture.layer_end = place->end;
  packet.picture.spatial_id = place->spatial_id.value_or(0);
}

// A joiner begins with a key frame and knows nothing of what came before: what its picture is turned by (3GPP TS 26.114
// §7.4.5 wants it on the last packet of each key frame) and how long it may be held.
void Producer::repeat_extensions(StoredPacket& packet) {
  CarriedExtensions& own = packet.extensions;
  if (own.orientation) repeated_.orientation = own.orientation;
  if (own.playout_delay) repeated_.playout_delay = own.playout_delay;
  if (!packet.key && !(packet.marker && join_cache_.key_time() == packet.time)) return;
  own.orientation = repeated_.orientation;
  own.playout_delay = repeated_.playout_delay;
}

bool Producer::on_mirrored(const StoredPacket& packet, Timestamp now) {
  if (buffer_.find(packet.seq)) return false;
  bits_.add(static_cast<int64_t>(packet.payload.size()) * 8, now);
  last_arrival_ = packet.arrival;
  return keep(packet, packet.payload, packet.descriptor, now);
}

// Numbers go on when a source of the same SSRC begins anew, so that whoever hands its packets on sees no other stream.
bool Producer::keep(const StoredPacket& packet, ByteView payload, ByteView descriptor, Timestamp now) {
  if (held_ && packet.seq == held_->packet.seq) {
    counters_.drop(Drop::kDuplicate);
    return false;
  }
  bool released = false;
  switch (timeline_.on_packet(packet.seq, packet.time, packet.arrival)) {
    case SourceTimeline::Step::kGoesOn:
      if (held_ && packet.seq > held_->packet.seq) released = release_held(now);
      break;
    case SourceTimeline::Step::kDoubtful:
      released = release_held(now);
      held_ = {packet, {payload.begin(), payload.end()}, {descriptor.begin(), descriptor.end()}};
      return released;
    case SourceTimeline::Step::kBeginsAnew:
      begin_anew();
      times_.go_on_from(packet.time);
      first_of_line_ = held_ ? std::min(held_->packet.seq, packet.seq) : packet.seq;
      released = release_held(now);
      break;
  }
  return insert(packet, payload, descriptor, now) || released;
}

bool Producer::release_held(Timestamp now) {
  if (!held_) return false;
  const Held held = std::move(*held_);
  held_.reset();
  return insert(held.packet, held.payload, held.descriptor, now);
}

bool Producer::insert(const StoredPacket& packet, ByteView payload, ByteView descriptor, Timestamp now) {
  if (packet.seq < first_of_line_) {
    counters_.drop(Drop::kTooOld);
    return false;
  }
  auto inserted = buffer_.insert(packet, payload, descriptor);
  if (!inserted) {
    counters_.drop(inserted.error() == InsertError::kTooLarge    ? Drop::kTooLarge
                   : inserted.error() == InsertError::kDuplicate ? Drop::kDuplicate
                                                                 : Drop::kTooOld);
    return false;
  }
  const StoredPacket& stored = **inserted;
  Timestamp asked_at;
  if (nacks_.on_packet(stored.seq, now, &asked_at)) hint_round_trip(now - asked_at);
  if (kind() == media::Kind::kVideo) on_video(stored, now);
  fresh_.push_back(stored.seq);
  return true;
}

void Producer::on_video(const StoredPacket& packet, Timestamp now) {
  // Padding alone shows nothing: a source that has dropped an encoding may still probe its path with it.
  if (!packet.payload.empty()) meter_.on_packet(packet, now);
  if (!last_frame_time_ || packet.time > *last_frame_time_) {
    last_frame_time_ = packet.time;
    last_frame_at_ = packet.arrival;
    frames_.add(1, now);
  }
  if (packet.key)
    if (auto size = rtp::picture_size(parameters_.codec, packet.payload)) meter_.on_size(*size);
  auto key_before = join_cache_.key_time();
  join_cache_.on_packet(buffer_, packet);
  if (!packet.key || join_cache_.key_time() == key_before) return;
  key_arrival_ = packet.arrival;
  fresh_key_ = true;
  governor_.on_key_frame();
  nacks_.on_key_frame(packet.seq);
}

void Producer::on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now) {
  if (statistics_) statistics_->on_sender_report(report.ntp, now);
  // Before the first packet there is nothing to place the report's time by.
  if (buffer_.newest()) clock_.on_report(report.ntp, times_.peek(report.rtp_time), now);
}

std::optional<rtp::UnwrappedSeq> Producer::join_start() const {
  return kind() == media::Kind::kVideo ? join_cache_.start(buffer_) : std::nullopt;
}

rtp::UnwrappedTime Producer::newest_time() const { return timeline_.newest_time().value_or(rtp::UnwrappedTime(0)); }

rtp::UnwrappedTime Producer::arrival_line(Timestamp now) const {
  if (!last_frame_time_) return newest_time();
  return rtp::UnwrappedTime(last_frame_time_->value() +
                            (now - last_frame_at_).us() * parameters_.clock_rate / 1'000'000);
}

size_t Producer::take_nacks(Timestamp now, std::span<rtp::SeqNum> out) {
  if (!parameters_.nack) out = {};  // nothing can be asked for, but what is lost still ends in a key frame's wish
  size_t due = nacks_.take_due(now, rtt_, out);
  if (nacks_.take_given_up()) governor_.request(now);
  counters_.nacks_out += due;
  nacked_ += static_cast<int64_t>(due);
  return due;
}

bool Producer::take_key_frame_request(Timestamp now) {
  if (!ssrc_ || !take_key_frame_wish(now)) return false;
  ++counters_.plis_out;
  ++key_frame_requests_;
  return true;
}

std::optional<rtp::rtcp::ReportBlock> Producer::take_report(Timestamp now) {
  return statistics_ ? statistics_->take_report(now) : std::nullopt;
}

void Producer::hint_round_trip(Duration rtt) {
  // RFC 6298 §2: the first sample as it is, then smoothed with a gain of 1/8.
  rtt_ = rtt_measured_ ? rtt_ + (rtt - rtt_) / 8 : rtt;
  rtt_measured_ = true;
}

state::TrackObserved Producer::observe(const std::string& rid, Timestamp now) {
  state::TrackObserved out;
  out.kind = media::name_of(kind());
  out.codec = media::name_of(parameters_.codec);
  out.layer = rid;
  out.state = last_arrival_ && now - *last_arrival_ < kSilent ? "live" : "silent";
  out.bitrate_bps = bitrate(now);
  out.packets = statistics_ ? static_cast<int64_t>(statistics_->packets()) : 0;
  out.lost = static_cast<int64_t>(nacks_.given_up());
  out.loss_ratio = loss_ratio();
  out.nacked = nacked_;
  out.resent = static_cast<int64_t>(nacks_.repaired());
  out.key_frame_requests = key_frame_requests_;
  out.jitter_ms = jitter().seconds() * 1000;
  out.rtt_ms = rtt_measured_ ? rtt_.seconds() * 1000 : 0;
  if (kind() == media::Kind::kVideo) {
    out.fps = fps(now);
    out.width = meter_.facts(now).size.width;
    out.height = meter_.facts(now).size.height;
  }
  if (last_arrival_) out.since_media_ms = (now - *last_arrival_).ms();
  return out;
}

}  // namespace footlight::relay
