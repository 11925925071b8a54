#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"
#include "congestion/arrival_recorder.h"
#include "congestion/receive_statistics.h"
#include "load/answer.h"
#include "load/gap_tracker.h"
#include "srtp/srtp_session.h"

namespace footlight::load {

// What a viewer counted since it connected. Differences of two of them are an interval's.
struct MediaTotals {
  uint64_t datagrams = 0;
  uint64_t bytes = 0;
  uint64_t received = 0;  // media packets, each once
  uint64_t expected = 0;
  uint64_t repaired = 0;
  uint64_t duplicates = 0;
  uint64_t nacked = 0;
  uint64_t sampled = 0;
  uint64_t decrypt_failures = 0;
  uint64_t unknown = 0;  // of a payload type that was not agreed on

  MediaTotals& operator+=(const MediaTotals& o);
  MediaTotals operator-(const MediaTotals& o) const;
};

// The receiving end of a viewer's media, as a browser's is, but for decoding: it counts by the headers, which SRTP
// leaves in the clear, and decrypts a sample: everything until its first picture and for kSampleAll, later one packet
// in kSampleEvery, and all retransmissions, padding and RTCP. Owned by a viewer, on its thread; no socket. In: SRTP and
// SRTCP datagrams with time. Out: totals, and the RTCP of take_rtcp(): reports, NACK, PLI, transport-wide feedback.
class ViewerMedia {
 public:
  static constexpr Duration kSampleAll = Duration::seconds(2);
  static constexpr uint64_t kSampleEvery = 64;
  static constexpr Duration kReportInterval = Duration::seconds(1);
  static constexpr Duration kFeedbackInterval = Duration::millis(100);
  static constexpr Duration kPatienceForKey = Duration::millis(500);  // then a PLI, and again each kKeyAskInterval
  static constexpr Duration kKeyAskInterval = Duration::seconds(1);

  // All outlive it.
  ViewerMedia(const Answer& answer, srtp::SrtpSender& sender, srtp::SrtpReceiver& receiver, Timestamp now);

  void on_rtp(MutableByteView datagram, Timestamp now);
  void on_rtcp(MutableByteView datagram, Timestamp now);

  // The next SRTCP datagram that is due, into `out` (an MTU); again until it is empty.
  [[nodiscard]] ByteView take_rtcp(Timestamp now, MutableByteView out);
  [[nodiscard]] Timestamp next_timeout() const;

  [[nodiscard]] std::optional<Timestamp> first_packet() const { return first_packet_; }
  [[nodiscard]] std::optional<Timestamp> first_picture() const { return first_picture_; }
  [[nodiscard]] MediaTotals totals() const;

 private:
  struct Stream {
    rtp::Ssrc ssrc{};
    const AnsweredTrack* track;
    AnsweredFormat format;
    GapTracker gaps;
    congestion::ReceiveStatistics statistics;
  };
  // The key frame that is coming in.
  struct KeyFrame {
    rtp::Ssrc ssrc{};
    rtp::RtpTime time{};
    rtp::UnwrappedSeq first{};
    std::optional<rtp::UnwrappedSeq> last;
  };
  [[nodiscard]] Stream* stream_of(rtp::Ssrc ssrc, rtp::PayloadType type);
  [[nodiscard]] bool wants_plain(ByteView datagram, const Stream& stream, Timestamp now) const;
  [[nodiscard]] std::optional<ByteView> decrypt(MutableByteView datagram);
  void on_media(Stream& stream, const rtp::PacketView& packet, bool plain, Timestamp now);
  void on_retransmission(const Stream& stream, const rtp::PacketView& packet, Timestamp now);
  void look_for_picture(const Stream& stream, rtp::RtpTime time, rtp::UnwrappedSeq seq, bool marker, ByteView payload,
                        Timestamp now);
  void write_report(ByteWriter& w, Timestamp now);
  void write_nacks(ByteWriter& w, Timestamp now);
  void write_key_request(ByteWriter& w, Timestamp now);
  [[nodiscard]] ByteView sealed(MutableByteView out, size_t size);

  const Answer& answer_;
  srtp::SrtpSender& sender_;
  srtp::SrtpReceiver& receiver_;
  rtp::Ssrc own_ssrc_;
  bool wants_picture_;
  std::vector<Stream> streams_;
  std::optional<congestion::ArrivalRecorder> arrivals_;  // where transport-wide feedback was agreed
  std::optional<KeyFrame> key_;
  Timestamp began_;
  Timestamp next_report_;
  Timestamp next_key_request_;
  std::optional<Timestamp> next_nack_;
  std::optional<Timestamp> first_packet_;
  std::optional<Timestamp> first_picture_;
  MediaTotals totals_;
};

}  // namespace footlight::load
