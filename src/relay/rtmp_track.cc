#include "relay/rtmp_track.h"

#include "base/random.h"
#include "rtp/packet_writer.h"
#include "rtp/payload/aac_packetizer.h"

namespace footlight::relay {
namespace {

// RFC 3711 §3.3.1 and FACTS §4: a first number below 2^15 keeps everybody's guess of the rollover counter right.
constexpr uint32_t kFirstSeqMask = 0x7fff;

}  // namespace

RtmpTrack::RtmpTrack(Producer& producer)
    : producer_(producer),
      clock_rate_(producer.parameters().clock_rate),
      ssrc_(random_u32()),
      seq_(static_cast<uint16_t>(random_u32() & kFirstSeqMask)),
      time_base_(random_u32()) {
  producer_.latch(ssrc_);
}

void RtmpTrack::put(size_t payload_size, bool marker, int64_t time, Timestamp now) {
  rtp::Header header;
  header.marker = marker;
  header.payload_type = producer_.parameters().payload_type;
  header.seq = seq_;
  header.time = rtp::RtpTime(static_cast<uint32_t>(time_base_ + time));
  header.ssrc = ssrc_;
  seq_ = seq_.plus(1);
  size_t size = rtp::HeaderWriter(packet_, header).finish() + payload_size;
  if (auto packet = rtp::PacketView::parse(ByteView(packet_).first(size))) producer_.on_rtp(*packet, now);
}

bool RtmpTrack::put_picture(rtp::H264Packetizer& packetizer, const rtmp::VideoFrame& frame, Timestamp now) {
  for (int packets = 0; packets < kBurst; ++packets) {
    size_t size = packetizer.next(slot());
    if (size > 0) put(size, packetizer.done(), ticks(frame.present), now);
    if (!packetizer.done()) continue;
    pictures_.add(1, now);
    report(frame.decode, now);
    return true;
  }
  return false;
}

bool RtmpTrack::on_sound(const rtmp::AudioFrame& frame, int samples, Timestamp now) {
  int64_t place = ticks(frame.time);
  int64_t time = next_sample_.value_or(place);
  int64_t ahead = time - place;
  if (ahead > ticks(kMaxAudioError) || frame.data.size() > rtp::kMaxAacUnit) return false;
  if (ahead < -ticks(kMaxAudioError)) time = place;
  next_sample_ = time + samples;
  rtp::AacPacketizer packetizer(frame.data, kMaxPayload);
  while (size_t size = packetizer.next(slot())) put(size, packetizer.done(), time, now);
  report(frame.time, now);
  return true;
}

// The wall clock of the reports is the timeline's own: it says how the tracks lie to each other, and nothing more.
void RtmpTrack::report(Duration place, Timestamp now) {
  if (reported_at_ && now - *reported_at_ < kReportInterval) return;
  reported_at_ = now;
  constexpr WallTime kTimelineZero = WallTime::millis(1'600'000'000'000);  // any moment of NTP's present era
  rtp::rtcp::SenderReport report;
  report.sender = ssrc_;
  report.ntp = rtp::ntp_from_wall(kTimelineZero + place);
  report.rtp_time = rtp::RtpTime(static_cast<uint32_t>(time_base_ + ticks(place)));
  producer_.on_sender_report(report, now);
}

}  // namespace footlight::relay
