#include "compose/rtp_output.h"

#include <array>

#include "base/random.h"
#include "rtp/packet_writer.h"
#include "rtp/payload/h264_packetizer.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"

namespace footlight::compose {
namespace {

// Leaves room for RTP header, extensions that the relay adds, SRTP tag and a TURN envelope below 1200 bytes.
constexpr size_t kMaxPayload = 1100;
constexpr size_t kMaxPacket = 1500;
constexpr Duration kReportInterval = Duration::seconds(1);

}  // namespace

RtpOutput::Track RtpOutput::make_track(const state::PipeTrack& wish) {
  Track t;
  t.ssrc = rtp::Ssrc(wish.ssrc);
  t.payload_type = rtp::PayloadType(static_cast<uint8_t>(wish.payload_type));
  t.time_offset = random_u32();
  // Below 2^15, so that a receiver that misses the first packets still guesses rollover counter 0 (RFC 3711 §3.3.1).
  t.next_seq = static_cast<uint16_t>(random_u32() & 0x3fff);
  t.ring.resize(kMaxKept);
  return t;
}

void RtpOutput::set_tracks(const std::vector<state::PipeTrack>& tracks) {
  if (tracks == wishes_) return;
  wishes_ = tracks;
  video_.reset();
  audio_.reset();
  for (const state::PipeTrack& t : tracks) (t.kind == "video" ? video_ : audio_) = make_track(t);
}

void RtpOutput::send(Track& track, int64_t time, bool marker, ByteView payload) {
  std::vector<uint8_t>& slot = track.ring[track.next_seq % kMaxKept];
  slot.resize(kMaxPacket);
  const rtp::Header header{.marker = marker,
                           .payload_type = track.payload_type,
                           .seq = rtp::SeqNum(track.next_seq),
                           .time = rtp::RtpTime(static_cast<uint32_t>(time) + track.time_offset),
                           .ssrc = track.ssrc};
  slot.resize(rtp::write_packet(slot, header, payload));
  if (slot.empty()) return;
  ++track.next_seq;
  ++track.packets;
  track.octets += static_cast<uint32_t>(payload.size());
  ++packets_;
  sender_.send_rtp(slot);
}

void RtpOutput::send_video(ByteView annex_b, int64_t time, const Moment& moment) {
  if (!video_) return;
  report_when_due(*video_, moment.video_time, moment.wall);
  rtp::H264Packetizer packetizer(annex_b, kMaxPayload);
  std::array<uint8_t, kMaxPayload> payload;
  while (const size_t size = packetizer.next(payload))
    send(*video_, time, packetizer.done(), ByteView(payload).first(size));
}

void RtpOutput::send_audio(ByteView opus, int64_t time, const Moment& moment) {
  if (!audio_) return;
  const bool first = audio_->packets == 0;  // a talkspurt begins (RFC 7587 §4.2)
  report_when_due(*audio_, moment.audio_time, moment.wall);
  send(*audio_, time, first, opus);
}

void RtpOutput::report_when_due(Track& track, int64_t time, WallTime wall) {
  if (track.reported && wall - *track.reported < kReportInterval) return;
  track.reported = wall;
  std::array<uint8_t, 128> buffer;
  ByteWriter writer(buffer);
  rtp::rtcp::SenderReport sr;
  sr.sender = track.ssrc;
  sr.ntp = rtp::ntp_from_wall(wall);
  sr.rtp_time = rtp::RtpTime(static_cast<uint32_t>(time) + track.time_offset);
  sr.packets = track.packets;
  sr.octets = track.octets;
  sr.write(writer);
  rtp::rtcp::write_sdes_cname(writer, track.ssrc, "footlight");
  if (writer.ok()) sender_.send_rtcp(writer.written());
}

void RtpOutput::forget_reports() {
  if (video_) video_->reported.reset();
  if (audio_) audio_->reported.reset();
}

void RtpOutput::on_nack(rtp::Ssrc media, rtp::SeqNum seq) {
  for (std::optional<Track>* t : {&video_, &audio_}) {
    if (!*t || (*t)->ssrc != media) continue;
    const std::vector<uint8_t>& slot = (*t)->ring[seq.value() % kMaxKept];
    // A slot from a round before carries another number.
    if (slot.size() < 4 || (slot[2] << 8 | slot[3]) != seq.value()) return;
    ++repeats_;
    sender_.send_rtp(slot);
  }
}

}  // namespace footlight::compose
