#include "load/viewer_media.h"

#include <algorithm>
#include <array>

#include "base/random.h"
#include "rtp/header_extensions.h"
#include "rtp/packet_view.h"
#include "rtp/payload/key_frame.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtx.h"

namespace footlight::load {
namespace {

// A server that sends more SSRCs than this to one viewer is counted as unknown from there on.
constexpr size_t kMaxStreams = 16;
constexpr size_t kMaxNamed = 64;  // packets in one NACK

}  // namespace

MediaTotals& MediaTotals::operator+=(const MediaTotals& o) {
  datagrams += o.datagrams;
  bytes += o.bytes;
  received += o.received;
  expected += o.expected;
  repaired += o.repaired;
  duplicates += o.duplicates;
  nacked += o.nacked;
  sampled += o.sampled;
  decrypt_failures += o.decrypt_failures;
  unknown += o.unknown;
  return *this;
}

MediaTotals MediaTotals::operator-(const MediaTotals& o) const {
  return {.datagrams = datagrams - o.datagrams,
          .bytes = bytes - o.bytes,
          .received = received - o.received,
          .expected = expected - o.expected,
          .repaired = repaired - o.repaired,
          .duplicates = duplicates - o.duplicates,
          .nacked = nacked - o.nacked,
          .sampled = sampled - o.sampled,
          .decrypt_failures = decrypt_failures - o.decrypt_failures,
          .unknown = unknown - o.unknown};
}

ViewerMedia::ViewerMedia(const Answer& answer, srtp::SrtpSender& sender, srtp::SrtpReceiver& receiver, Timestamp now)
    : answer_(answer),
      sender_(sender),
      receiver_(receiver),
      own_ssrc_(random_u32()),
      wants_picture_(std::ranges::any_of(answer.tracks, [](const auto& t) { return t.kind == media::Kind::kVideo; })),
      began_(now),
      next_report_(now + kReportInterval),
      next_key_request_(now + kPatienceForKey) {
  if (std::ranges::any_of(answer.tracks, &AnsweredTrack::transport_feedback)) arrivals_.emplace(kFeedbackInterval);
}

ViewerMedia::Stream* ViewerMedia::stream_of(rtp::Ssrc ssrc, rtp::PayloadType type) {
  auto known = std::ranges::find(streams_, ssrc, &Stream::ssrc);
  if (known != streams_.end()) return &*known;
  if (streams_.size() == kMaxStreams) return nullptr;
  for (const AnsweredTrack& track : answer_.tracks)
    if (const AnsweredFormat* format = track.format_of(type); format && (format->codec || format->repairs)) {
      streams_.push_back({ssrc, &track, *format, {}, {ssrc, format->clock_rate}});
      return &streams_.back();
    }
  return nullptr;
}

bool ViewerMedia::wants_plain(ByteView datagram, const Stream& stream, Timestamp now) const {
  bool padded = (datagram[0] & 0x20) != 0;  // the padding's length lies encrypted at the end
  return padded || stream.format.repairs || now - began_ < kSampleAll || totals_.datagrams % kSampleEvery == 0 ||
         (!first_picture_ && stream.track->kind == media::Kind::kVideo);
}

std::optional<ByteView> ViewerMedia::decrypt(MutableByteView datagram) {
  ++totals_.sampled;
  auto size = receiver_.unprotect_rtp(datagram);
  if (size) return datagram.first(*size);
  bool seen_before = size.error() == srtp::SrtpError::kReplayed || size.error() == srtp::SrtpError::kTooOld;
  ++(seen_before ? totals_.duplicates : totals_.decrypt_failures);
  return std::nullopt;
}

void ViewerMedia::on_rtp(MutableByteView datagram, Timestamp now) {
  ++totals_.datagrams;
  totals_.bytes += datagram.size();
  uint8_t second = 0;
  uint32_t ssrc = 0;
  ByteReader reader(datagram);
  if (!reader.skip(1) || !reader.read_u8(second) || !reader.skip(6) || !reader.read_u32(ssrc)) return;
  Stream* stream = stream_of(rtp::Ssrc(ssrc), rtp::PayloadType(second & 0x7f));
  if (!stream) {
    ++totals_.unknown;
    return;
  }
  ByteView bytes = datagram;
  bool plain = wants_plain(datagram, *stream, now);
  if (plain) {
    auto opened = decrypt(datagram);
    if (!opened) return;
    bytes = *opened;
  }
  auto packet = rtp::PacketView::parse(bytes);
  if (!packet) {
    ++totals_.unknown;
    return;
  }
  if (!first_packet_) first_packet_ = now;
  if (arrivals_) {
    auto extensions = rtp::read_extensions(*packet, stream->track->extensions);
    if (extensions.transport_sequence) arrivals_->record(*extensions.transport_sequence, now);
  }
  if (stream->format.repairs)
    on_retransmission(*stream, *packet, now);
  else
    on_media(*stream, *packet, plain, now);
}

void ViewerMedia::on_media(Stream& stream, const rtp::PacketView& packet, bool plain, Timestamp now) {
  auto seen = stream.gaps.on_packet(packet.seq(), now);
  if (seen == GapTracker::Seen::kDuplicate || seen == GapTracker::Seen::kTooOld) {
    ++totals_.duplicates;
    return;
  }
  if (seen == GapTracker::Seen::kRepaired) ++totals_.repaired;
  stream.statistics.on_packet(packet.seq(), packet.time(), now, packet.bytes().size());
  if (stream.gaps.asking() && !next_nack_) next_nack_ = now;
  if (plain)
    look_for_picture(stream, packet.time(), stream.gaps.place_of(packet.seq()), packet.marker(), packet.payload(), now);
}

void ViewerMedia::on_retransmission(const Stream& stream, const rtp::PacketView& packet, Timestamp now) {
  auto rtx = rtp::read_rtx(packet);
  if (!rtx) return;  // a probe: padding without an original
  auto repaired = std::ranges::find_if(streams_, [&](const Stream& s) {
    return s.track == stream.track && s.format.codec && s.format.payload_type == *stream.format.repairs;
  });
  if (repaired == streams_.end()) return;
  auto seen = repaired->gaps.on_packet(rtx->original_seq, now);
  if (seen == GapTracker::Seen::kDuplicate || seen == GapTracker::Seen::kTooOld) {
    ++totals_.duplicates;
    return;
  }
  ++totals_.repaired;
  look_for_picture(*repaired, packet.time(), repaired->gaps.place_of(rtx->original_seq), packet.marker(), rtx->payload,
                   now);
}

// A picture is there when every packet from a key frame's first to its marker has come, in whatever order.
void ViewerMedia::look_for_picture(const Stream& stream, rtp::RtpTime time, rtp::UnwrappedSeq seq, bool marker,
                                   ByteView payload, Timestamp now) {
  if (first_picture_ || stream.track->kind != media::Kind::kVideo || !stream.format.codec || payload.empty()) return;
  bool same = key_ && key_->ssrc == stream.ssrc && key_->time == time;
  if (rtp::starts_key_frame(*stream.format.codec, payload)) {
    if (!same) key_ = KeyFrame{stream.ssrc, time, seq, std::nullopt};
    key_->first = std::min(key_->first, seq);
    same = true;
  }
  if (same && marker) key_->last = seq;
  if (key_ && key_->ssrc == stream.ssrc && key_->last && stream.gaps.whole(key_->first, *key_->last))
    first_picture_ = now;
}

void ViewerMedia::on_rtcp(MutableByteView datagram, Timestamp now) {
  auto size = receiver_.unprotect_rtcp(datagram);
  if (!size) {
    if (size.error() != srtp::SrtpError::kReplayed) ++totals_.decrypt_failures;
    return;
  }
  auto reader = rtp::rtcp::CompoundReader::parse(datagram.first(*size));
  rtp::rtcp::Block block;
  while (reader && reader->next(block)) {
    if (block.type != rtp::rtcp::BlockType::kSenderReport) continue;
    auto report = rtp::rtcp::SenderReport::parse(block);
    if (!report) continue;
    auto stream = std::ranges::find(streams_, report->sender, &Stream::ssrc);
    if (stream != streams_.end()) stream->statistics.on_sender_report(report->ntp, now);
  }
}

ByteView ViewerMedia::take_rtcp(Timestamp now, MutableByteView out) {
  bool report_due = now >= next_report_;
  bool nack_due = next_nack_ && now >= *next_nack_;
  bool key_due = wants_picture_ && !first_picture_ && now >= next_key_request_;
  bool feedback_due = arrivals_ && arrivals_->next_timeout() && *arrivals_->next_timeout() <= now;
  if (!report_due && !nack_due && !key_due && !feedback_due) return {};
  ByteWriter writer(out.first(out.size() - srtp::kMaxRtcpOverhead));
  if (report_due)
    write_report(writer, now);
  else
    rtp::rtcp::ReceiverReport{.sender = own_ssrc_}.write(writer);
  if (nack_due) write_nacks(writer, now);
  if (key_due) write_key_request(writer, now);
  // Feedback gets a datagram of its own where the rest has grown.
  if (feedback_due && out.size() - writer.size() >= congestion::kMaxFeedbackSize + srtp::kMaxRtcpOverhead)
    (void)arrivals_->build_feedback(now, own_ssrc_, streams_.empty() ? rtp::Ssrc{} : streams_.front().ssrc, writer);
  return sealed(out, writer.size());
}

void ViewerMedia::write_report(ByteWriter& w, Timestamp now) {
  std::array<rtp::rtcp::ReportBlock, kMaxStreams> blocks{};
  size_t count = 0;
  for (Stream& stream : streams_)
    if (stream.format.codec)
      if (auto block = stream.statistics.take_report(now)) blocks[count++] = *block;
  rtp::rtcp::ReceiverReport{.sender = own_ssrc_}.write(w, std::span(blocks).first(count));
  rtp::rtcp::write_sdes_cname(w, own_ssrc_, "bench");
  next_report_ = now + kReportInterval;
}

void ViewerMedia::write_nacks(ByteWriter& w, Timestamp now) {
  next_nack_.reset();
  for (Stream& stream : streams_) {
    if (!stream.gaps.asking()) continue;
    std::array<rtp::SeqNum, kMaxNamed> lost;
    size_t count = stream.gaps.take_due(now, lost);
    if (stream.track->nack && count > 0)
      totals_.nacked += rtp::rtcp::write_nack(w, own_ssrc_, stream.ssrc, std::span(lost).first(count));
    if (stream.gaps.asking()) next_nack_ = now + GapTracker::kAskInterval;
  }
}

void ViewerMedia::write_key_request(ByteWriter& w, Timestamp now) {
  next_key_request_ = now + kKeyAskInterval;
  for (const Stream& stream : streams_)
    if (stream.track->kind == media::Kind::kVideo && stream.format.codec)
      rtp::rtcp::Pli{own_ssrc_, stream.ssrc}.write(w);
}

ByteView ViewerMedia::sealed(MutableByteView out, size_t size) {
  auto protected_size = sender_.protect_rtcp(out, size);
  return protected_size ? ByteView(out).first(*protected_size) : ByteView();
}

Timestamp ViewerMedia::next_timeout() const {
  Timestamp soonest = next_report_;
  if (next_nack_) soonest = std::min(soonest, *next_nack_);
  if (wants_picture_ && !first_picture_) soonest = std::min(soonest, next_key_request_);
  if (arrivals_ && arrivals_->next_timeout()) soonest = std::min(soonest, *arrivals_->next_timeout());
  return soonest;
}

MediaTotals ViewerMedia::totals() const {
  MediaTotals all = totals_;
  for (const Stream& stream : streams_) {
    if (!stream.format.codec) continue;
    all.received += stream.gaps.received();
    all.expected += stream.gaps.expected();
  }
  return all;
}

}  // namespace footlight::load
