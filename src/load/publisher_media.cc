#include "load/publisher_media.h"

#include <algorithm>

#include "base/random.h"
#include "rtp/header_extensions.h"
#include "rtp/ntp.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtx.h"

namespace footlight::load {
namespace {

constexpr size_t kMaxPayload = 1150;  // 1,194 bytes with header, extensions and tag: libwebrtc's packets are as long
constexpr Duration kFirstReport = Duration::millis(250);  // early: lip sync waits for it
constexpr uint32_t kVideoClock = 90'000;
constexpr uint32_t kAudioTicks = 960;         // 20 ms at 48 kHz
constexpr size_t kMaxResends = 256;           // waiting; beyond it the oldest are forgotten
constexpr uint16_t kFirstSeqBelow = 1 << 15;  // RFC 3711 §3.3.1: so that the rollover counter cannot be guessed wrong

// 20 ms of silence in 60 bytes, about what speech has at 24 kbit/s: one CELT frame and padding (RFC 6716 §3.2.5: code
// 3, one frame, padding of 55 bytes).
std::array<uint8_t, 60> opus_packet() {
  std::array<uint8_t, 60> packet{0xfb, 0x41, 55, 0xff, 0xfe};
  return packet;
}

rtp::SeqNum first_seq() { return rtp::SeqNum(static_cast<uint16_t>(random_u32() % kFirstSeqBelow)); }

}  // namespace

PublisherMedia::PublisherMedia(const Answer& answer, std::span<const ClipFrame> clip, int fps, const SentSsrcs& ssrcs,
                               srtp::SrtpSender& sender, srtp::SrtpReceiver& receiver, Timestamp now, WallTime wall)
    : clip_(clip),
      sender_(sender),
      receiver_(receiver),
      frame_interval_(Duration::micros(1'000'000 / fps)),
      frame_ticks_(kVideoClock / static_cast<uint32_t>(fps)),
      started_(now),
      wall_at_start_(wall),
      frame_due_(now),
      audio_due_(now),
      report_due_(now + kFirstReport),
      history_(kHistory) {
  for (auto [track, ssrc] :
       {std::pair(&audio_, ssrcs.audio), std::pair(&video_, ssrcs.video), std::pair(&rtx_, ssrcs.rtx)}) {
    track->ssrc = ssrc;
    track->seq = first_seq();
    track->time = rtp::RtpTime(random_u32());
  }
  for (const AnsweredTrack& t : answer.tracks)
    (t.kind == media::Kind::kAudio ? audio_ : video_).extensions = t.extensions;
  rtx_.extensions = video_.extensions;
}

size_t PublisherMedia::take_datagram(Timestamp now, MutableByteView out) {
  if (packetizer_) return take_video(out);
  if (!resends_.empty())
    if (size_t size = take_resend(out)) return size;
  if (now >= frame_due_) {
    begin_frame();
    return take_video(out);
  }
  if (now >= audio_due_) return take_audio(out);
  if (now >= report_due_) return take_report(now, out);
  return 0;
}

void PublisherMedia::begin_frame() {
  packetizer_.emplace(clip_[next_frame_].access_unit, kMaxPayload);
  next_frame_ = (next_frame_ + 1) % clip_.size();
  video_.time = video_.time.plus(frame_ticks_);
  frame_due_ += frame_interval_;
  ++report_.frames;
}

size_t PublisherMedia::take_video(MutableByteView out) {
  Sent& sent = history_[video_.seq.value() % kHistory];
  sent.payload.resize(kMaxPayload);
  sent.payload.resize(packetizer_->next(sent.payload));
  sent.kept = true;
  sent.marker = packetizer_->done();
  sent.seq = video_.seq;
  sent.time = video_.time;
  if (sent.marker) packetizer_.reset();
  return seal(out, video_, kSentVideoType, sent.marker, sent.payload);
}

size_t PublisherMedia::take_audio(MutableByteView out) {
  audio_due_ += kAudioInterval;
  audio_.time = audio_.time.plus(kAudioTicks);
  return seal(out, audio_, kSentAudioType, false, opus_packet());
}

size_t PublisherMedia::take_resend(MutableByteView out) {
  while (!resends_.empty()) {
    rtp::SeqNum seq = resends_.front();
    resends_.pop_front();
    const Sent& sent = history_[seq.value() % kHistory];
    if (!sent.kept || sent.seq != seq) continue;
    std::vector<uint8_t> payload = {static_cast<uint8_t>(seq.value() >> 8), static_cast<uint8_t>(seq.value())};
    payload.insert(payload.end(), sent.payload.begin(), sent.payload.end());
    rtx_.time = sent.time;
    ++report_.resent;
    return seal(out, rtx_, kSentRtxType, sent.marker, payload);
  }
  return 0;
}

size_t PublisherMedia::seal(MutableByteView out, Track& track, rtp::PayloadType type, bool marker, ByteView payload) {
  rtp::HeaderWriter header(out, {marker, type, track.seq, track.time, track.ssrc});
  rtp::write_mid(header, track.extensions, &track == &audio_ ? "0" : "1");
  rtp::write_transport_sequence(header, track.extensions, transport_seq_);
  auto size = sender_.protect_rtp(out, header.finish(), payload);
  track.seq = track.seq.plus(1);
  transport_seq_ = transport_seq_.plus(1);
  ++track.packets;
  track.octets += static_cast<uint32_t>(payload.size());
  if (!size) return 0;
  ++report_.packets;
  report_.bytes += *size;
  return *size;
}

size_t PublisherMedia::take_report(Timestamp now, MutableByteView out) {
  report_due_ = now + kReportInterval;
  ByteWriter writer(out.first(out.size() - srtp::kMaxRtcpOverhead));
  for (const Track* track : {&audio_, &video_}) {
    bool audio = track == &audio_;
    if (audio && audio_due_ == Timestamp::max()) continue;  // muted
    // The frame sent last was taken when it was due.
    Timestamp taken = audio ? audio_due_ + -kAudioInterval : frame_due_ + -frame_interval_;
    rtp::rtcp::SenderReport report;
    report.sender = track->ssrc;
    report.ntp = rtp::ntp_from_wall(wall_at_start_ + (taken - started_));
    report.rtp_time = track->time;
    report.packets = track->packets;
    report.octets = track->octets;
    report.write(writer);
  }
  rtp::rtcp::write_sdes_cname(writer, audio_.ssrc, "bench");
  auto size = sender_.protect_rtcp(out, writer.size());
  return size ? *size : 0;
}

void PublisherMedia::on_rtcp(MutableByteView datagram, Timestamp now) {
  using rtp::rtcp::BlockType;
  auto size = receiver_.unprotect_rtcp(datagram);
  if (!size) return;
  auto reader = rtp::rtcp::CompoundReader::parse(datagram.first(*size));
  rtp::rtcp::Block block;
  while (reader && reader->next(block)) {
    if (block.type == BlockType::kTransportLayerFeedback && block.count == rtp::rtcp::kFmtNack) {
      auto nack = rtp::rtcp::Nack::parse(block);
      if (nack && nack->media() == video_.ssrc) nack->for_each([this](rtp::SeqNum seq) { on_nacked(seq); });
    } else if (block.type == BlockType::kPayloadFeedback &&
               (block.count == rtp::rtcp::kFmtPli || block.count == rtp::rtcp::kFmtFir)) {
      ++report_.key_frames_asked;
      next_frame_ = 0;  // the clip begins with one
    } else if (block.type == BlockType::kReceiverReport) {
      auto report = rtp::rtcp::ReceiverReport::parse(block);
      for (size_t i = 0; report && i < report->reports.size(); ++i) {
        auto b = report->reports.at(i);
        if (b.source != video_.ssrc) continue;
        report_.loss_ratio = b.fraction_lost / 256.0;
        if (b.last_sr.value() != 0)
          report_.round_trip =
              rtp::round_trip(rtp::ntp_from_wall(wall_at_start_ + (now - started_)), b.last_sr, b.delay_since_last_sr);
      }
    }
  }
}

void PublisherMedia::on_nacked(rtp::SeqNum seq) {
  ++report_.nacked;
  if (resends_.size() == kMaxResends) resends_.pop_front();
  resends_.push_back(seq);
}

Timestamp PublisherMedia::next_timeout() const {
  if (packetizer_ || !resends_.empty()) return Timestamp::min();
  return std::min({frame_due_, audio_due_, report_due_});
}

}  // namespace footlight::load
