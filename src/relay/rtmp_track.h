#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "relay/producer.h"
#include "relay/rate_meter.h"
#include "rtmp/event.h"
#include "rtp/payload/h264_packetizer.h"

namespace footlight::relay {

// One track of an RTMP publisher: frames in, cut into RTP as a browser would send it, into its producer. RTP time is
// presentation time, packets stand in decoding order (RFC 6184 §5.1). Sender reports tie both tracks to the session's
// one timeline, so that lip sync holds on the way. Owned by an RtmpSession, beside the producer.
class RtmpTrack {
 public:
  explicit RtmpTrack(Producer& producer);

  // Puts up to kBurst packets of the picture that `packetizer` cuts; true once it was the last. A picture of 4 MiB is
  // more than a producer's buffer holds at once: what is there must be handed on in between.
  [[nodiscard]] bool put_picture(rtp::H264Packetizer& packetizer, const rtmp::VideoFrame& frame, Timestamp now);
  // `samples`: of one access unit. False: there is more sound than time, and this unit's place is taken; or it is
  // larger than RTP's form of it can say.
  [[nodiscard]] bool on_sound(const rtmp::AudioFrame& frame, int samples, Timestamp now);

  [[nodiscard]] static rtp::H264Packetizer packetizer_of(const rtmp::VideoFrame& frame) {
    return {frame.data, kMaxPayload};
  }

  // Pictures of the last second: a producer counts those that are newer than all before, which B-frames are not.
  [[nodiscard]] double fps(Timestamp now) { return static_cast<double>(pictures_.per_second(now)); }

 private:
  // Payloads leave room for what the relay writes in front and behind (RTP extensions, RTX, SRTP's tag) in 1,280 bytes.
  static constexpr size_t kMaxPayload = 1180;
  static constexpr int kBurst = 512;
  // FLV's times are rounded to milliseconds, a sound's are not: it is counted in samples, up to this distance.
  static constexpr Duration kMaxAudioError = Duration::millis(40);
  static constexpr Duration kReportInterval = Duration::seconds(1);

  [[nodiscard]] int64_t ticks(Duration t) const { return t.us() * clock_rate_ / 1'000'000; }
  void put(size_t payload_size, bool marker, int64_t time, Timestamp now);
  void report(Duration place, Timestamp now);
  [[nodiscard]] MutableByteView slot() { return MutableByteView(packet_).subspan(rtp::kFixedHeaderSize, kMaxPayload); }

  Producer& producer_;
  int clock_rate_;
  rtp::Ssrc ssrc_;
  rtp::SeqNum seq_;
  int64_t time_base_;  // RTP time of the timeline's zero
  std::optional<Timestamp> reported_at_;
  std::optional<int64_t> next_sample_;
  RateMeter pictures_;
  std::array<uint8_t, rtp::kFixedHeaderSize + kMaxPayload> packet_{};
};

}  // namespace footlight::relay
