#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "congestion/receive_statistics.h"
#include "media/track.h"
#include "relay/join_cache.h"
#include "relay/key_frame_governor.h"
#include "relay/metrics.h"
#include "relay/nack_generator.h"
#include "relay/packet_buffer.h"
#include "relay/rate_meter.h"
#include "relay/sender_clock.h"
#include "rtp/packet_view.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/types.h"

namespace footlight::relay {

struct ProducerParameters {
  media::Codec codec{};
  rtp::PayloadType payload_type{};
  int clock_rate = 0;  // Hz
  int channels = 0;    // audio only
  std::string fmtp;
  bool nack = false;  // the source answers NACK
  bool pli = false;   // and PLI
};

// One received track: its packets (buffered, ordered by number, repaired) and everything that its source must hear.
// Owned by a publish session or a pipe, on the shard thread. In: plain RTP and sender reports; out: fresh() packet
// numbers for the consumers, and feedback wishes. A source that changes its SSRC begins a new incarnation.
class Producer {
 public:
  Producer(ProducerParameters parameters, Counters& counters);

  [[nodiscard]] const ProducerParameters& parameters() const { return parameters_; }
  [[nodiscard]] media::Kind kind() const { return media::kind_of(parameters_.codec); }
  [[nodiscard]] std::optional<rtp::Ssrc> ssrc() const { return ssrc_; }
  // Begins with (or goes over to) `ssrc`; everything known of another one is forgotten.
  void latch(rtp::Ssrc ssrc);
  [[nodiscard]] uint32_t incarnation() const { return incarnation_; }

  // True when the packet is new: it stands in fresh() then.
  bool on_rtp(const rtp::PacketView& packet, Timestamp now);
  // A retransmission (RFC 4588) of this producer's packets.
  bool on_rtx(const rtp::PacketView& packet, Timestamp now);
  void on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now);

  [[nodiscard]] const PacketBuffer& buffer() const { return buffer_; }
  [[nodiscard]] const SenderClock& clock() const { return clock_; }
  // Where a new consumer may begin; nullopt: at the next key frame (video) or packet (audio).
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> join_start() const;
  // The newest packet's time.
  [[nodiscard]] rtp::UnwrappedTime newest_time() const;
  // Packets that came since clear_fresh(), in order of arrival.
  [[nodiscard]] std::span<const rtp::UnwrappedSeq> fresh() const { return fresh_; }
  void clear_fresh() { fresh_.clear(); }

  void request_key_frame(Timestamp now) { governor_.request(now); }
  // What the source is to be told now. Packets to name in a NACK:
  [[nodiscard]] size_t take_nacks(Timestamp now, std::span<rtp::SeqNum> out);
  [[nodiscard]] bool take_key_frame_request(Timestamp now);
  [[nodiscard]] std::optional<rtp::rtcp::ReportBlock> take_report(Timestamp now);
  // Round trip to the source, as repairs have shown it; or a first guess from elsewhere.
  void hint_round_trip(Duration rtt);
  [[nodiscard]] Duration round_trip() const { return rtt_; }

  [[nodiscard]] std::optional<Timestamp> last_arrival() const { return last_arrival_; }
  [[nodiscard]] int64_t bitrate(Timestamp now) { return bits_.per_second(now); }
  [[nodiscard]] double fps(Timestamp now) { return static_cast<double>(frames_.per_second(now)); }
  [[nodiscard]] double loss_ratio() const { return statistics_ ? statistics_->loss_ratio() : 0; }
  [[nodiscard]] Duration jitter() const { return statistics_ ? statistics_->jitter() : Duration::zero(); }
  [[nodiscard]] const NackGenerator& nacks() const { return nacks_; }

 private:
  bool store(const rtp::PacketView& packet, Timestamp now);

  ProducerParameters parameters_;
  Counters& counters_;
  std::optional<rtp::Ssrc> ssrc_;
  uint32_t incarnation_ = 0;
  rtp::SeqUnwrapper seqs_;
  rtp::TimeUnwrapper times_;
  PacketBuffer buffer_;
  JoinCache join_cache_;
  NackGenerator nacks_;
  KeyFrameGovernor governor_;
  SenderClock clock_;
  std::optional<congestion::ReceiveStatistics> statistics_;
  std::vector<rtp::UnwrappedSeq> fresh_;
  RateMeter bits_;
  RateMeter frames_;
  std::optional<rtp::UnwrappedTime> last_frame_time_;
  std::optional<Timestamp> last_arrival_;
  Duration rtt_ = Duration::millis(100);  // before anything is measured: a continental round trip
  bool rtt_measured_ = false;
};

}  // namespace footlight::relay
