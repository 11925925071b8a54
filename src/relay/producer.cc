#include "relay/producer.h"

#include <array>

#include "rtp/payload/key_frame.h"
#include "rtp/rtx.h"

namespace footlight::relay {

Producer::Producer(ProducerParameters parameters, Counters& counters)
    : parameters_(std::move(parameters)),
      counters_(counters),
      buffer_(kind() == media::Kind::kVideo ? PacketBuffer::kVideoPackets : PacketBuffer::kAudioPackets),
      join_cache_(parameters_.clock_rate) {}

void Producer::latch(rtp::Ssrc ssrc) {
  if (ssrc_ == ssrc) return;
  if (ssrc_) {
    ++incarnation_;
    seqs_.reset();
    times_.reset();
    buffer_.clear();
    join_cache_.clear();
    nacks_.reset();
    governor_.reset();
    clock_.reset();
    fresh_.clear();
    last_frame_time_.reset();
  }
  ssrc_ = ssrc;
  statistics_.emplace(ssrc, parameters_.clock_rate);
}

bool Producer::on_rtp(const rtp::PacketView& packet, Timestamp now) {
  statistics_->on_packet(packet.seq(), packet.time(), now, packet.bytes().size());
  bits_.add(static_cast<int64_t>(packet.bytes().size()) * 8, now);
  last_arrival_ = now;
  return store(packet, now);
}

bool Producer::on_rtx(const rtp::PacketView& packet, Timestamp now) {
  ++counters_.rtx_in;
  if (!ssrc_) return false;
  std::array<uint8_t, 1600> original;
  size_t size = rtp::unwrap_rtx(original, packet, *ssrc_, parameters_.payload_type);
  if (size == 0) return false;  // a bandwidth probe: padding only
  auto view = rtp::PacketView::parse(ByteView(original).first(size));
  return view && store(*view, now);
}

bool Producer::store(const rtp::PacketView& packet, Timestamp now) {
  StoredPacket stored;
  stored.seq = seqs_.unwrap(packet.seq());
  stored.time = times_.unwrap(packet.time());
  stored.arrival = now;
  stored.marker = packet.marker();
  stored.payload = packet.payload();
  stored.key = kind() == media::Kind::kVideo && !stored.payload.empty() &&
               rtp::starts_key_frame(parameters_.codec, stored.payload);
  auto inserted = buffer_.insert(stored);
  if (!inserted) {
    counters_.drop(inserted.error() == InsertError::kTooLarge    ? Drop::kTooLarge
                   : inserted.error() == InsertError::kDuplicate ? Drop::kDuplicate
                                                                 : Drop::kTooOld);
    return false;
  }
  Timestamp asked_at;
  if (nacks_.on_packet(stored.seq, now, &asked_at)) hint_round_trip(now - asked_at);
  if (kind() == media::Kind::kVideo) {
    if (!last_frame_time_ || stored.time > *last_frame_time_) {
      last_frame_time_ = stored.time;
      frames_.add(1, now);
    }
    auto key_before = join_cache_.key_time();
    join_cache_.on_packet(buffer_, **inserted);
    if (stored.key && join_cache_.key_time() != key_before) {
      governor_.on_key_frame();
      nacks_.on_key_frame(stored.seq);
    }
  }
  fresh_.push_back(stored.seq);
  return true;
}

void Producer::on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now) {
  if (statistics_) statistics_->on_sender_report(report.ntp, now);
  // Before the first packet there is nothing to place the report's time by.
  if (buffer_.newest()) clock_.on_report(report.ntp, times_.peek(report.rtp_time), now);
}

std::optional<rtp::UnwrappedSeq> Producer::join_start() const {
  return kind() == media::Kind::kVideo ? join_cache_.start(buffer_) : std::nullopt;
}

rtp::UnwrappedTime Producer::newest_time() const { return times_.newest().value_or(rtp::UnwrappedTime(0)); }

size_t Producer::take_nacks(Timestamp now, std::span<rtp::SeqNum> out) {
  if (!parameters_.nack) out = {};  // nothing can be asked for, but what is lost still ends in a key frame's wish
  size_t due = nacks_.take_due(now, rtt_, out);
  if (nacks_.take_given_up()) governor_.request(now);
  counters_.nacks_out += due;
  return due;
}

bool Producer::take_key_frame_request(Timestamp now) {
  if (!parameters_.pli || !ssrc_ || !governor_.take_due(now)) return false;
  ++counters_.plis_out;
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

}  // namespace footlight::relay
