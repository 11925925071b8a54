// How a consumer's packets, repairs, probes and reports leave, and what its receiver says of them.
#include <algorithm>

#include "base/prefetch.h"
#include "relay/consumer.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtx.h"

namespace footlight::relay {
namespace {

// Of a consumer, what a packet that is sent in order touches: it comes first.
constexpr size_t kHotSize = 512;
// RFC 3550 §5.1: the last byte counts the padding.
constexpr size_t kPaddingSize = 224;
constexpr std::array<uint8_t, kPaddingSize> kPadding = [] {
  std::array<uint8_t, kPaddingSize> bytes{};
  bytes.back() = static_cast<uint8_t>(kPaddingSize);
  return bytes;
}();
constexpr uint8_t kPaddingBit = 0x20;

// Reports come fast at first, so that the receiver has lip sync at once, then every second.
constexpr uint32_t kQuickReports = 4;
constexpr Duration kQuickReportInterval = Duration::millis(250);
constexpr Duration kReportInterval = Duration::seconds(1);
// How far back packets are worth sending again as probes, and how many are looked at to find one.
constexpr Duration kProbeAge = Duration::seconds(1);
constexpr int kProbeLook = 16;
// Until a report has told it.
constexpr Duration kRoundTripGuess = Duration::millis(100);
constexpr Duration kSilent = Duration::seconds(2);  // state::TrackObserved: "silent"

}  // namespace

void Consumer::prefetch_step(int step) const {
  if (step == 0) return prefetch(this, kHotSize);
  if (path_ && step == 1) path_->prefetch_hot();
  if (state_ == State::kLive) transport_.prefetch_step(step - 1);
}

bool Consumer::sends_red(const StoredPacket& packet) const {
  // Blocks name their codec by the source's payload type: the receiver's must be the same.
  return packet.primary_at > 0 && parameters_.red_payload_type &&
         producer_->parameters().payload_type == parameters_.payload_type;
}

// Browsers without a dependency descriptor take each frame of a spatial layer for a picture of its own, show none of
// them and ask for key frames without end: they get the lowest layer, whose last packet ends the picture for them.
bool Consumer::marks(const StoredPacket& packet) const {
  if (!base_only_) return packet.marker;
  return (packet.marker || packet.picture.layer_end) && !cuts(packet);
}

ByteView Consumer::payload_of(const StoredPacket& packet, const RtpMapping::Place& place) const {
  if (cuts(packet)) return {};  // came so late that its number was kept for it
  if (packet.primary_at > 0 && !sends_red(packet)) return packet.payload.subspan(packet.primary_at);
  const PictureNumbers& in = packet.picture;
  if (in.form != PictureNumbers::Form::kNone)
    write_picture(packet, static_cast<uint16_t>(in.picture + place.pictures.picture),
                  static_cast<uint8_t>(in.tl0 + place.pictures.tl0));
  return packet.payload;
}

// The datagram's size; 0 when it was refused.
size_t Consumer::send_out(rtp::Header header, ByteView payload, const StoredPacket* carried, Timestamp now) {
  MutableByteView slot = transport_.rtp_slot();
  PacketHeader::Sending sending{now, {}};
  if (header_.has_transport_seq()) sending.transport_seq = transport_.next_transport_seq();
  const size_t header_size = header_.write(slot, header, carried, sending);
  if (payload.data() == kPadding.data()) slot[0] |= kPaddingBit;
  const size_t sent = transport_.send_rtp(header_size, payload);
  if (sent > 0 && path_)
    path_->on_sent(header_.has_transport_seq() ? std::optional(sending.transport_seq) : std::nullopt, sent, now);
  return sent;
}

void Consumer::send(const StoredPacket& packet, const RtpMapping::Place& place, Timestamp now) {
  ByteView payload = payload_of(packet, place);
  if (payload.empty()) payload = kPadding;
  const rtp::Header header{marks(packet), sends_red(packet) ? *parameters_.red_payload_type : parameters_.payload_type,
                           place.wrapped(), mapping_.time(place, packet.time), parameters_.ssrc};
  const size_t sent = send_out(header, payload, &packet, now);
  mapping_.on_sent(place, packet.time, now);
  pictures_.on_sent(packet.picture, place.pictures);
  if (sent == 0) return;
  limiter_.on_sent();
  ++packets_;
  octets_ += static_cast<uint32_t>(payload.size());
  last_sent_ = now;
  bits_.add(static_cast<int64_t>(sent) * 8, now);
  if (!last_frame_time_ || packet.time > *last_frame_time_) {
    last_frame_time_ = packet.time;
    frames_.add(1, now);
    if (key_underway_) requests_.on_key_frame_sent(round_trip().value_or(kRoundTripGuess), now);
    key_underway_ = false;
  }
  if (!packet.key || key_underway_ || kind_ != media::Kind::kVideo) return;
  key_underway_ = true;
  requests_.on_key_frame_begun(now);
}

void Consumer::on_nack(const rtp::rtcp::Nack& nack, Timestamp now) {
  if (!parameters_.rtx_ssrc && !parameters_.resend_plain) return;
  nack.for_each([&](rtp::SeqNum seq) {
    ++counters_.nacks_in;
    ++nacked_;
    resend(seq, now);
  });
}

void Consumer::resend(rtp::SeqNum out_seq, Timestamp now) {
  const auto source = track_ && transport_.writable() && !gives_up() ? mapping_.source_of(out_seq) : std::nullopt;
  const StoredPacket* packet = nullptr;
  if (source && producer_at(source->layer).incarnation() == incarnations_[source->layer])
    packet = producer_at(source->layer).buffer().find(source->seq);
  if (!packet || (path_ && !path_->may_repair()) ||
      !limiter_.allow(out_seq, round_trip().value_or(Duration::zero()), now) ||
      send_again(*packet, source->place, now) == 0) {
    ++counters_.resends_refused;
    return;
  }
  ++counters_.resends;
  ++resent_;
}

size_t Consumer::send_again(const StoredPacket& packet, const RtpMapping::Place& place, Timestamp now) {
  ByteView payload = payload_of(packet, place);
  rtp::Header header{marks(packet), sends_red(packet) ? *parameters_.red_payload_type : parameters_.payload_type,
                     place.wrapped(), mapping_.time(place, packet.time), parameters_.ssrc};
  if (!parameters_.rtx_ssrc) return send_out(header, payload.empty() ? ByteView(kPadding) : payload, &packet, now);
  if (payload.empty() || packet.primary_at > 0) return 0;
  // RFC 4588 §4: the original sequence number, then the original payload, which lies behind room for it.
  MutableByteView retransmission = packet.retransmission();
  retransmission[0] = static_cast<uint8_t>(header.seq.value() >> 8);
  retransmission[1] = static_cast<uint8_t>(header.seq.value());
  rtx_seq_ = rtx_seq_.plus(1);
  header.seq = rtx_seq_;
  header.payload_type = parameters_.rtx_payload_type;
  header.ssrc = *parameters_.rtx_ssrc;
  return send_out(header, retransmission, &packet, now);
}

size_t Consumer::send_padding(Timestamp now) {
  rtx_seq_ = rtx_seq_.plus(1);
  const rtp::Header header{false, parameters_.rtx_payload_type, rtx_seq_,
                           rtp::RtpTime(static_cast<uint32_t>(mapping_.newest_time())), *parameters_.rtx_ssrc};
  return send_out(header, kPadding, nullptr, now);
}

// The newest packets that were sent, one after the other and over again.
const StoredPacket* Consumer::next_probe(Timestamp now) {
  const PacketBuffer& buffer = producer_->buffer();
  for (int i = 0; i < kProbeLook; ++i) {
    probe_cursor_ = probe_cursor_.plus(-1);
    if (probe_cursor_ >= cursor_ || probe_cursor_ < buffer.oldest()) probe_cursor_ = cursor_.plus(-1);
    const StoredPacket* packet = buffer.find(probe_cursor_);
    if (!packet || packet->payload.empty()) continue;
    if (now - packet->arrival <= kProbeAge) return packet;
    probe_cursor_ = cursor_;
    return nullptr;
  }
  return nullptr;
}

bool Consumer::probe(size_t bytes, Timestamp now) {
  if (!parameters_.rtx_ssrc || !mapping_.active() || !begun() || !transport_.writable()) return false;
  for (size_t sent = 0; sent < bytes;) {
    const StoredPacket* packet = gives_up() ? nullptr : next_probe(now);
    const auto place = packet ? mapping_.place_of(packet->seq) : std::nullopt;
    const size_t size = place ? send_again(*packet, *place, now) : send_padding(now);
    if (size == 0) return false;
    ++counters_.probes_out;
    sent += size;
  }
  return true;
}

void Consumer::on_key_frame_request(Timestamp now) {
  ++counters_.plis_in;
  ++key_frame_requests_;
  if (!producer_ || state_ == State::kIdle || state_ == State::kPaused || !requests_.hears(now)) return;
  producer_->request_key_frame(now);
}

void Consumer::on_report(const rtp::rtcp::ReportBlock& block, Timestamp now) {
  rtp::rtcp::ReportBlock trusted = block;
  const auto answered = std::ranges::find(sent_reports_, block.last_sr,
                                          [](const SentReport& report) { return rtp::compact_from_ntp(report.ntp); });
  rtp::NtpTime ntp{};
  if (answered == sent_reports_.end())
    trusted.last_sr = {};
  else
    ntp = SenderClock::later(answered->ntp, now - answered->at);
  receiver_.on_report(trusted, ntp);
  on_loss_report(block, now);
}

// What the publisher's side lost is no loss of this path (mediasoup #962).
void Consumer::on_loss_report(const rtp::rtcp::ReportBlock& block, Timestamp now) {
  const Reported present{block.highest_seq, block.cumulative_lost, holes_};
  if (reported_ && path_) {
    congestion::LossReport report;
    report.sent = static_cast<int32_t>(present.highest - reported_->highest);
    report.lost = int64_t{present.lost} - reported_->lost - std::max<int64_t>(0, present.holes - reported_->holes);
    report.lost = std::clamp<int64_t>(report.lost, 0, std::max<int64_t>(0, report.sent));
    if (report.sent > 0) path_->on_report(report, round_trip(), now);
  }
  reported_ = present;
}

void Consumer::send_report(Timestamp now) {
  rtp::rtcp::SenderReport report;
  report.sender = parameters_.ssrc;
  report.ntp = producer_->clock().ntp_at(now);
  report.rtp_time =
      rtp::RtpTime(static_cast<uint32_t>(mapping_.line_of(producer_->clock().time_at(now, parameters_.clock_rate))));
  report.packets = packets_;
  report.octets = octets_;
  std::array<uint8_t, 320> buffer;  // a sender report and the longest CNAME
  ByteWriter writer(buffer);
  report.write(writer);
  rtp::rtcp::write_sdes_cname(writer, parameters_.ssrc, parameters_.cname);
  transport_.send_rtcp(writer.written());
  sent_reports_[reports_sent_ % sent_reports_.size()] = {report.ntp, now};
  next_report_ = now + (++reports_sent_ < kQuickReports ? kQuickReportInterval : kReportInterval);
}

state::TrackObserved Consumer::observe(Timestamp now) {
  state::TrackObserved out;
  out.kind = media::name_of(kind());
  out.codec = media::name_of(parameters_.codec);
  if (track_) out.layer = track_->layers[layer_].rid;
  out.state = !producer_ || state_ == State::kIdle ? "idle"
              : state_ == State::kWaiting          ? "waiting"
              : now - last_sent_ < kSilent         ? "live"
                                                   : "silent";
  out.bitrate_bps = bitrate(now);
  out.packets = packets_;
  // Packets that came twice make it negative (RFC 3550 §6.4.1): nothing is missing.
  out.lost = std::max<int64_t>(receiver_.cumulative_lost(), 0);
  out.loss_ratio = loss_ratio();
  out.nacked = nacked_;
  out.resent = resent_;
  out.key_frame_requests = key_frame_requests_;
  out.jitter_ms = jitter().seconds() * 1000;
  if (auto rtt = round_trip()) out.rtt_ms = rtt->seconds() * 1000;
  if (kind() == media::Kind::kVideo) out.fps = fps(now);
  if (kind() == media::Kind::kVideo && producer_ && !cut_) {
    const auto size = producer_->facts(now).size;
    out.width = size.width;
    out.height = size.height;
  }
  if (packets_ > 0) out.since_media_ms = (now - last_sent_).ms();
  return out;
}

}  // namespace footlight::relay
