#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"
#include "compose/part.h"
#include "rtp/types.h"
#include "state/programme.h"

namespace footlight::compose {

// Takes plain RTP and RTCP packets that are ready to be protected and sent. Pipe thread.
class PacketSender {
 public:
  virtual ~PacketSender() = default;
  // A packet that was sent before comes again byte for byte the same.
  virtual void send_rtp(ByteView packet) = 0;
  virtual void send_rtcp(ByteView packet) = 0;
};

// The programme's way back to the relay: coded frames into RTP, sender reports, repeats of what was lost. RTP time is
// the programme's timeline itself, so picture and sound belong together by their reports alone. Owned by Compose; pipe
// thread only. Keeps the last kMaxKept packets of a track, two seconds at least.
class RtpOutput {
 public:
  explicit RtpOutput(PacketSender& sender) : sender_(sender) {}

  void set_tracks(const std::vector<state::PipeTrack>& tracks);
  // A new far side knows nothing: the next frame of each track brings a sender report.
  void forget_reports();
  // RTP time is the timeline's low 32 bits plus the track's random offset. A sender report goes before a track's first
  // frame and then once a second.
  void send_video(ByteView annex_b, int64_t time, const Moment& moment);
  void send_audio(ByteView opus, int64_t time, const Moment& moment);
  void on_nack(rtp::Ssrc media, rtp::SeqNum seq);
  [[nodiscard]] bool is_video(rtp::Ssrc ssrc) const { return video_ && video_->ssrc == ssrc; }
  [[nodiscard]] uint64_t repeats() const { return repeats_; }
  [[nodiscard]] uint64_t packets() const { return packets_; }

 private:
  struct Track {
    rtp::Ssrc ssrc{};
    rtp::PayloadType payload_type{};
    uint32_t time_offset = 0;
    uint16_t next_seq = 0;
    uint32_t packets = 0;
    uint32_t octets = 0;
    std::optional<WallTime> reported;
    std::vector<std::vector<uint8_t>> ring;  // by sequence number modulo its size
  };
  // 2 s of 5 Mbit/s in packets of 1100 bytes, rounded up to a power of two.
  static constexpr size_t kMaxKept = 2048;

  [[nodiscard]] static Track make_track(const state::PipeTrack& wish);
  void send(Track& track, int64_t time, bool marker, ByteView payload);
  void report_when_due(Track& track, int64_t time, WallTime wall);

  PacketSender& sender_;
  std::vector<state::PipeTrack> wishes_;
  std::optional<Track> video_, audio_;
  uint64_t repeats_ = 0;
  uint64_t packets_ = 0;
};

}  // namespace footlight::compose
