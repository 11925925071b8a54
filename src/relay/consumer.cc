#include "relay/consumer.h"

#include <algorithm>
#include <cstring>

#include "base/random.h"
#include "rtp/packet_writer.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtx.h"

namespace footlight::relay {
namespace {

// RFC 3711 §3.3.1 and FACTS §4: a first number below 2^15 keeps the rollover counter's guess right from the start.
uint16_t random_first_seq() { return static_cast<uint16_t>(random_u32() & 0x7fff); }

// A padding-only packet keeps its number: dropping it would leave a gap, sending it bare an empty frame
// (mediasoup #1431, #1580). RFC 3550 §5.1: the last byte counts the padding.
constexpr std::array<uint8_t, 4> kPadding = {0, 0, 0, 4};
constexpr uint8_t kPaddingBit = 0x20;

// Reports come fast at first, so that the receiver has lip sync at once, then every second.
constexpr uint32_t kQuickReports = 4;
constexpr Duration kQuickReportInterval = Duration::millis(250);
constexpr Duration kReportInterval = Duration::seconds(1);

}  // namespace

Consumer::Consumer(ConsumerParameters parameters, RtpTransport& transport, Counters& counters)
    : parameters_(std::move(parameters)),
      transport_(transport),
      counters_(counters),
      mapping_(parameters_.clock_rate, random_first_seq(), random_u32()),
      rtx_seq_(random_first_seq()) {}

void Consumer::set_producer(Producer* producer, Timestamp now) {
  if (producer == producer_) return;
  producer_ = producer;
  restart(now);
}

void Consumer::restart(Timestamp now) {
  mapping_.end();
  last_frame_time_.reset();
  sent_reports_.fill({});
  bool fits = producer_ && producer_->parameters().codec == parameters_.codec &&
              producer_->parameters().clock_rate == parameters_.clock_rate;
  state_ = fits ? State::kWaiting : State::kIdle;
  if (producer_) incarnation_ = producer_->incarnation();
  try_begin(now);
}

void Consumer::try_begin(Timestamp now) {
  if (state_ != State::kWaiting || !transport_.writable() || kind() != media::Kind::kVideo) return;
  if (auto start = producer_->join_start()) {
    ++counters_.joins_cached;
    begin(*start, now);
  } else {
    producer_->request_key_frame(now);
  }
}

void Consumer::begin(rtp::UnwrappedSeq first, Timestamp now) {
  rtp::UnwrappedSeq seq = first;
  const StoredPacket* packet = nullptr;
  for (; !packet && seq <= *producer_->buffer().newest(); seq = seq.plus(1)) packet = producer_->buffer().find(seq);
  if (!packet) return;
  mapping_.begin(first, packet->time, producer_->newest_time(), now);
  vp8_.begin();
  cursor_ = first;
  state_ = State::kReplay;
  reports_sent_ = 0;
  next_report_ = now;
  replay(now);
}

void Consumer::replay(Timestamp now) {
  size_t sent = 0;
  rtp::UnwrappedSeq newest = *producer_->buffer().newest();
  // A cursor that fell out of the ring has been overtaken by the source: go on with what there is.
  cursor_ = std::max(cursor_, producer_->buffer().oldest());
  for (; cursor_ <= newest && sent < kReplayBurst; cursor_ = cursor_.plus(1)) {
    const StoredPacket* packet = producer_->buffer().find(cursor_);
    if (!packet) continue;  // missing as yet: it goes out when it is repaired
    send(*packet, now);
    ++sent;
  }
  if (cursor_ > newest) state_ = State::kLive;
}

void Consumer::forward(std::span<const rtp::UnwrappedSeq> fresh, Timestamp now) {
  if (state_ == State::kIdle || !transport_.writable()) return;
  if (incarnation_ != producer_->incarnation()) {
    restart(now);
    if (state_ != State::kWaiting) return;  // it began, and sent what is fresh
  }
  for (rtp::UnwrappedSeq seq : fresh) {
    const StoredPacket* packet = producer_->buffer().find(seq);
    if (!packet) continue;
    if (state_ == State::kWaiting) {
      if (kind() == media::Kind::kVideo && !packet->key) continue;
      if (kind() == media::Kind::kVideo) ++counters_.joins_waiting;
      begin(kind() == media::Kind::kVideo ? first_of_frame(producer_->buffer(), *packet) : seq, now);
      return;  // begin() sends all there is, the rest of `fresh` included
    }
    if (seq < cursor_) {
      if (seq >= mapping_.first()) send(*packet, now);  // late, or repaired
    } else if (state_ == State::kLive) {
      send(*packet, now);
      cursor_ = seq.plus(1);
    }
  }
}

size_t Consumer::write_header(MutableByteView slot, const StoredPacket& packet, bool rtx, Timestamp now) {
  rtp::Header header;
  header.marker = packet.marker;
  header.payload_type = rtx ? parameters_.rtx_payload_type : parameters_.payload_type;
  header.seq = rtx ? rtx_seq_ : mapping_.seq(packet.seq);
  header.time = mapping_.time(packet.time);
  header.ssrc = rtx ? *parameters_.rtx_ssrc : parameters_.ssrc;
  rtp::HeaderWriter writer(slot, header);
  rtp::write_mid(writer, parameters_.extensions, parameters_.mid);
  if (!parameters_.resend_plain) {
    rtp::write_abs_send_time(writer, parameters_.extensions, now);
    if (parameters_.extensions.has(rtp::ExtensionType::kTransportSequence))
      rtp::write_transport_sequence(writer, parameters_.extensions, transport_.next_transport_seq());
  }
  return writer.finish();
}

ByteView Consumer::payload_of(const StoredPacket& packet) {
  if (packet.payload.empty()) return kPadding;
  if (parameters_.codec != media::Codec::kVp8) return packet.payload;
  auto copy = MutableByteView(scratch_).subspan(rtp::kRtxHeaderSize, packet.payload.size());
  std::memcpy(copy.data(), packet.payload.data(), packet.payload.size());
  vp8_.rewrite(copy);
  return copy;
}

void Consumer::send(const StoredPacket& packet, Timestamp now) {
  MutableByteView slot = transport_.rtp_slot();
  size_t header_size = write_header(slot, packet, false, now);
  if (packet.payload.empty()) slot[0] |= kPaddingBit;
  ByteView payload = payload_of(packet);
  size_t sent = transport_.send_rtp(header_size, payload);
  mapping_.on_sent(packet.seq, packet.time, now);
  if (sent == 0) return;
  limiter_.on_sent();
  ++packets_;
  octets_ += static_cast<uint32_t>(payload.size());
  bits_.add(static_cast<int64_t>(sent) * 8, now);
  if (!last_frame_time_ || packet.time > *last_frame_time_) {
    last_frame_time_ = packet.time;
    frames_.add(1, now);
  }
}

void Consumer::on_nack(const rtp::rtcp::Nack& nack, Timestamp now) {
  if (!parameters_.rtx_ssrc && !parameters_.resend_plain) return;
  nack.for_each([&](rtp::SeqNum seq) {
    ++counters_.nacks_in;
    resend(seq, now);
  });
}

void Consumer::resend(rtp::SeqNum out_seq, Timestamp now) {
  auto source = mapping_.source_seq(out_seq);
  const StoredPacket* packet = source && producer_ ? producer_->buffer().find(*source) : nullptr;
  if (!packet || *source >= cursor_ || !transport_.writable() ||
      !limiter_.allow(out_seq, round_trip().value_or(Duration::zero()), now)) {
    ++counters_.resends_refused;
    return;
  }
  bool rtx = parameters_.rtx_ssrc.has_value();
  MutableByteView slot = transport_.rtp_slot();
  if (rtx) rtx_seq_ = rtx_seq_.plus(1);
  size_t header_size = write_header(slot, *packet, rtx, now);
  ByteView payload = payload_of(*packet);
  if (packet->payload.empty()) slot[0] |= kPaddingBit;
  if (rtx) {
    // RFC 4588 §4: the original sequence number, then the original payload.
    if (payload.data() != scratch_.data() + rtp::kRtxHeaderSize)
      std::memcpy(scratch_.data() + rtp::kRtxHeaderSize, payload.data(), payload.size());
    scratch_[0] = static_cast<uint8_t>(out_seq.value() >> 8);
    scratch_[1] = static_cast<uint8_t>(out_seq.value());
    payload = ByteView(scratch_).first(payload.size() + rtp::kRtxHeaderSize);
  }
  if (transport_.send_rtp(header_size, payload) > 0) ++counters_.resends;
}

void Consumer::on_key_frame_request(Timestamp now) {
  ++counters_.plis_in;
  if (producer_ && state_ != State::kIdle) producer_->request_key_frame(now);
}

void Consumer::on_report(const rtp::rtcp::ReportBlock& block, Timestamp now) {
  if (!producer_ || !producer_->clock().known()) return;
  rtp::rtcp::ReportBlock trusted = block;
  if (std::ranges::find(sent_reports_, block.last_sr) == sent_reports_.end()) trusted.last_sr = {};
  receiver_.on_report(trusted, producer_->clock().ntp_at(now));
}

void Consumer::tick(Timestamp now) {
  if (!producer_ || state_ == State::kIdle || !transport_.writable()) return;
  // A source begins anew before its first packet is worth forwarding: nothing of what stood here is left.
  if (incarnation_ != producer_->incarnation()) restart(now);
  if (state_ == State::kWaiting) try_begin(now);
  if (state_ == State::kReplay) replay(now);
  if (state_ != State::kWaiting && now >= next_report_ && producer_->clock().known()) send_report(now);
}

void Consumer::send_report(Timestamp now) {
  rtp::rtcp::SenderReport report;
  report.sender = parameters_.ssrc;
  report.ntp = producer_->clock().ntp_at(now);
  report.rtp_time = mapping_.live_time(producer_->clock().time_at(now, parameters_.clock_rate));
  report.packets = packets_;
  report.octets = octets_;
  std::array<uint8_t, 320> buffer;  // a sender report and the longest CNAME
  ByteWriter writer(buffer);
  report.write(writer);
  rtp::rtcp::write_sdes_cname(writer, parameters_.ssrc, parameters_.cname);
  transport_.send_rtcp(writer.written());
  sent_reports_[reports_sent_ % sent_reports_.size()] = rtp::compact_from_ntp(report.ntp);
  next_report_ = now + (++reports_sent_ < kQuickReports ? kQuickReportInterval : kReportInterval);
}

}  // namespace footlight::relay
