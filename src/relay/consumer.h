#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>

#include "congestion/viewer_report.h"
#include "relay/producer.h"
#include "relay/resend_limiter.h"
#include "relay/rtp_mapping.h"
#include "relay/rtp_transport.h"
#include "relay/vp8_continuity.h"
#include "rtp/header_extensions.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtx.h"

namespace footlight::relay {

struct ConsumerParameters {
  media::Codec codec{};
  int clock_rate = 0;
  rtp::Ssrc ssrc{};
  rtp::PayloadType payload_type{};
  std::optional<rtp::Ssrc> rtx_ssrc;  // RTX agreed on (RFC 4588)
  rtp::PayloadType rtx_payload_type{};
  bool resend_plain = false;  // repairs by the same packet again; needs headers that never vary: no extensions but MID
  std::string mid;
  rtp::ExtensionMap extensions;
  std::string cname;
};

// One track on its way to one receiver: the producer's packets under the receiver's own numbers, continuous across
// producers. Owned by a subscribe session or a pipe, on the shard thread. In: packet numbers of the producer's buffer,
// NACK, PLI and reports of the receiver; out: RTP and sender reports on its transport. Video begins with a key frame,
// from the join cache where there is one; nothing is sent while the codec differs or the transport is not writable.
class Consumer {
 public:
  Consumer(ConsumerParameters parameters, RtpTransport& transport, Counters& counters);

  [[nodiscard]] const ConsumerParameters& parameters() const { return parameters_; }
  [[nodiscard]] media::Kind kind() const { return media::kind_of(parameters_.codec); }
  // The producer to receive from now on; nullptr: none. It outlives its place here.
  void set_producer(Producer* producer, Timestamp now);
  [[nodiscard]] Producer* producer() const { return producer_; }

  // Packets that the producer has received since the last call. Comes before anything else that may send (tick, a new
  // producer), or packets would go out twice.
  void forward(std::span<const rtp::UnwrappedSeq> fresh, Timestamp now);
  // Begins when the transport has become writable, paces a replay, repeats wishes, sends reports: every 10 ms.
  void tick(Timestamp now);

  void on_nack(const rtp::rtcp::Nack& nack, Timestamp now);
  void on_key_frame_request(Timestamp now);
  void on_report(const rtp::rtcp::ReportBlock& block, Timestamp now);

  [[nodiscard]] int64_t bitrate(Timestamp now) { return bits_.per_second(now); }
  [[nodiscard]] double fps(Timestamp now) { return static_cast<double>(frames_.per_second(now)); }
  [[nodiscard]] double loss_ratio() const { return receiver_.loss_ratio(); }
  [[nodiscard]] std::optional<Duration> round_trip() const { return receiver_.round_trip(); }
  [[nodiscard]] Duration jitter() const {
    return Duration::micros(int64_t{receiver_.jitter_ticks()} * 1'000'000 / parameters_.clock_rate);
  }

 private:
  // Packets of the join cache sent in one tick: 46 Mbit/s of full packets.
  static constexpr size_t kReplayBurst = 48;

  enum class State : uint8_t {
    kIdle,     // no producer, or one whose codec does not fit
    kWaiting,  // for a packet to begin with
    kReplay,   // sending the buffered past up to the live edge
    kLive,
  };

  void restart(Timestamp now);
  void try_begin(Timestamp now);
  void begin(rtp::UnwrappedSeq first, Timestamp now);
  void replay(Timestamp now);
  void send(const StoredPacket& packet, Timestamp now);
  [[nodiscard]] size_t write_header(MutableByteView slot, const StoredPacket& packet, bool rtx, Timestamp now);
  [[nodiscard]] ByteView payload_of(const StoredPacket& packet);
  void resend(rtp::SeqNum out_seq, Timestamp now);
  void send_report(Timestamp now);

  ConsumerParameters parameters_;
  RtpTransport& transport_;
  Counters& counters_;
  Producer* producer_ = nullptr;
  uint32_t incarnation_ = 0;
  State state_ = State::kIdle;
  RtpMapping mapping_;
  rtp::UnwrappedSeq cursor_{};  // the next packet to send in order
  Vp8Continuity vp8_;
  rtp::SeqNum rtx_seq_{};
  ResendLimiter limiter_;
  congestion::ViewerReport receiver_;
  // Middle bits of our last reports: a receiver's figures count only when they answer one of them.
  std::array<rtp::CompactNtp, 4> sent_reports_{};
  uint32_t reports_sent_ = 0;
  Timestamp next_report_{};
  uint32_t packets_ = 0;
  uint32_t octets_ = 0;
  RateMeter bits_;
  RateMeter frames_;
  std::optional<rtp::UnwrappedTime> last_frame_time_;
  std::array<uint8_t, PacketBuffer::kMaxPayload + rtp::kRtxHeaderSize>
      scratch_{};  // a payload that is not sent as it lies
};

}  // namespace footlight::relay
