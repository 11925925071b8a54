#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"
#include "load/answer.h"
#include "load/clip.h"
#include "load/offer_text.h"
#include "load/publish_run.h"
#include "rtp/packet_writer.h"
#include "rtp/payload/h264_packetizer.h"
#include "srtp/srtp_session.h"

namespace footlight::load {

// The sending end: the clip's frames and Opus at their times, sender reports, answers to NACK and PLI. The rate is
// fixed: feedback on the path is not heeded. Owned by a publisher, on its thread; no socket. In: SRTCP, time.
// Out: SRTP and SRTCP datagrams by take_datagram(); all packets of a frame are due at once.
class PublisherMedia {
 public:
  static constexpr Duration kAudioInterval = Duration::millis(20);
  static constexpr Duration kReportInterval = Duration::seconds(1);

  // `sender`, `receiver` and `clip` outlive it.
  PublisherMedia(const Answer& answer, std::span<const ClipFrame> clip, int fps, const SentSsrcs& ssrcs,
                 srtp::SrtpSender& sender, srtp::SrtpReceiver& receiver, Timestamp now, WallTime wall);

  // Sends no sound, as a presenter whose microphone is off. Before the first datagram.
  void mute() { audio_due_ = Timestamp::max(); }
  void on_rtcp(MutableByteView datagram, Timestamp now);
  // The next datagram that is due, into `out` (an MTU); its size, 0: there is none.
  [[nodiscard]] size_t take_datagram(Timestamp now, MutableByteView out);
  [[nodiscard]] Timestamp next_timeout() const;
  [[nodiscard]] const PublishReport& report() const { return report_; }

 private:
  struct Track {
    rtp::Ssrc ssrc{};
    rtp::SeqNum seq;
    rtp::RtpTime time;
    rtp::ExtensionMap extensions;
    uint32_t packets = 0;
    uint32_t octets = 0;
  };
  struct Sent {  // for answers to NACK
    bool kept = false;
    bool marker = false;
    rtp::SeqNum seq;
    rtp::RtpTime time;
    std::vector<uint8_t> payload;
  };
  static constexpr size_t kHistory = 1024;  // video packets: two seconds of 4 Mbit/s

  [[nodiscard]] size_t take_video(MutableByteView out);
  [[nodiscard]] size_t take_audio(MutableByteView out);
  [[nodiscard]] size_t take_resend(MutableByteView out);
  [[nodiscard]] size_t take_report(Timestamp now, MutableByteView out);
  [[nodiscard]] size_t seal(MutableByteView out, Track& track, rtp::PayloadType type, bool marker, ByteView payload);
  void begin_frame();
  void on_nacked(rtp::SeqNum seq);

  std::span<const ClipFrame> clip_;
  srtp::SrtpSender& sender_;
  srtp::SrtpReceiver& receiver_;
  Duration frame_interval_;
  uint32_t frame_ticks_;
  Timestamp started_;
  WallTime wall_at_start_;
  Track audio_, video_, rtx_;
  rtp::SeqNum transport_seq_;
  std::optional<rtp::H264Packetizer> packetizer_;  // of the frame on its way
  size_t next_frame_ = 0;
  Timestamp frame_due_, audio_due_, report_due_;
  std::vector<Sent> history_;
  std::deque<rtp::SeqNum> resends_;
  PublishReport report_;
};

}  // namespace footlight::load
