#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "congestion/receive_statistics.h"
#include "media/track.h"
#include "relay/join_cache.h"
#include "relay/key_frame_governor.h"
#include "relay/layer_meter.h"
#include "relay/metrics.h"
#include "relay/nack_generator.h"
#include "relay/packet_buffer.h"
#include "relay/rate_meter.h"
#include "relay/sender_clock.h"
#include "relay/source_timeline.h"
#include "rtp/frame_layers.h"
#include "rtp/header_extensions.h"
#include "rtp/packet_view.h"
#include "rtp/payload/red.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/types.h"
#include "state/observed.h"

namespace footlight::relay {

struct ProducerParameters {
  media::Codec codec{};
  rtp::PayloadType payload_type{};
  int clock_rate = 0;  // Hz
  int channels = 0;    // audio only
  std::string fmtp;
  bool nack = false;                                 // the source answers NACK
  bool pli = false;                                  // and PLI
  std::optional<rtp::PayloadType> red_payload_type;  // packets of this type are RED (RFC 2198) around the codec
};

// One encoding of a received track: its packets (buffered, ordered by number, repaired) and what its source must hear.
// Owned by a publish session or a pipe, on the shard thread. In: plain RTP and sender reports; out: fresh() packet
// numbers for the consumers, and feedback wishes. A source that changes its SSRC begins a new incarnation, and so does
// one whose time falls back.
class Producer {
 public:
  Producer(ProducerParameters parameters, Counters& counters);

  [[nodiscard]] const ProducerParameters& parameters() const { return parameters_; }
  [[nodiscard]] media::Kind kind() const { return media::kind_of(parameters_.codec); }
  [[nodiscard]] std::optional<rtp::Ssrc> ssrc() const { return ssrc_; }
  // Begins with (or goes over to) `ssrc`; everything known of another one is forgotten.
  void latch(rtp::Ssrc ssrc);
  [[nodiscard]] uint32_t incarnation() const { return incarnation_; }

  // True when the packet is new: it stands in fresh() then. `extensions`: its own, as agreed with the source.
  bool on_rtp(const rtp::PacketView& packet, Timestamp now, const rtp::Extensions& extensions = {});
  // A retransmission (RFC 4588) of this producer's packets, which repeats their extensions.
  bool on_rtx(const rtp::PacketView& packet, Timestamp now, const rtp::Extensions& extensions = {});
  // A packet, or the clock, of the producer that this one mirrors: numbers and times as they stand there. False for a
  // packet that is here already.
  bool on_mirrored(const StoredPacket& packet, Timestamp now);
  void on_mirrored_clock(const SenderClock& clock) { clock_ = clock; }
  void on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now);

  [[nodiscard]] const PacketBuffer& buffer() const { return buffer_; }
  [[nodiscard]] const SenderClock& clock() const { return clock_; }
  // Where a new consumer may begin; nullopt: at the next key frame (video) or packet (audio).
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> join_start() const;
  // The time of the packet that is newest by its number.
  [[nodiscard]] rtp::UnwrappedTime newest_time() const;
  // Where this encoding's clock stands at `now`, guessed from when its newest picture began to arrive.
  [[nodiscard]] rtp::UnwrappedTime arrival_line(Timestamp now) const;
  // Packets that came since clear_fresh(), in order of arrival.
  [[nodiscard]] std::span<const rtp::UnwrappedSeq> fresh() const { return fresh_; }
  // A key frame began among them.
  [[nodiscard]] bool fresh_key() const { return fresh_key_; }
  void clear_fresh() {
    fresh_.clear();
    fresh_key_ = false;
  }
  // The newest key frame's time in the source, and when it began to arrive.
  [[nodiscard]] std::optional<rtp::UnwrappedTime> key_time() const { return join_cache_.key_time(); }
  [[nodiscard]] std::optional<Timestamp> key_arrival() const { return key_arrival_; }
  [[nodiscard]] const LayerFacts& facts(Timestamp now) { return meter_.facts(now); }

  void request_key_frame(Timestamp now) { governor_.request(now); }
  void request_key_frame_for_slow(Timestamp now) { governor_.request_for_slow(key_arrival_, now); }
  // What the source is to be told now. Packets to name in a NACK:
  [[nodiscard]] size_t take_nacks(Timestamp now, std::span<rtp::SeqNum> out);
  [[nodiscard]] bool take_key_frame_request(Timestamp now);
  // The same, uncounted, of a mirror: the mirrored producer's own governor decides.
  [[nodiscard]] bool take_key_frame_wish(Timestamp now) {
    governor_.lapse(last_arrival_, now);
    return parameters_.pli && governor_.take_due(now);
  }
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
  [[nodiscard]] state::TrackObserved observe(const std::string& rid, Timestamp now);

 private:
  bool store(const rtp::PacketView& packet, const rtp::Extensions& extensions, Timestamp now);
  bool keep(const StoredPacket& packet, ByteView payload, ByteView descriptor, Timestamp now);
  bool insert(const StoredPacket& packet, ByteView payload, ByteView descriptor, Timestamp now);
  bool release_held(Timestamp now);
  void begin_anew();
  void on_video(const StoredPacket& packet, Timestamp now);
  void place_in_layers(StoredPacket& packet, ByteView descriptor);
  void repeat_extensions(StoredPacket& packet);
  void recover(const rtp::RedView& red, rtp::UnwrappedSeq seq, rtp::UnwrappedTime time, Timestamp now);

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
  int64_t nacked_ = 0;
  int64_t key_frame_requests_ = 0;
  std::vector<rtp::UnwrappedSeq> fresh_;
  bool fresh_key_ = false;
  std::optional<Timestamp> key_arrival_;
  rtp::FrameLayers frame_layers_;
  CarriedExtensions repeated_;  // the last that a joiner must hear of, too
  LayerMeter meter_;
  RateMeter bits_;
  RateMeter frames_;
  std::optional<rtp::UnwrappedTime> last_frame_time_;
  Timestamp last_frame_at_{};
  SourceTimeline timeline_;
  struct Held {
    StoredPacket packet;
    std::vector<uint8_t> payload;
    std::vector<uint8_t> descriptor;
  };
  std::optional<Held> held_;           // the packet whose time is doubtful
  rtp::UnwrappedSeq first_of_line_{};  // what came before it has times of another line
  std::optional<Timestamp> last_arrival_;
  Duration rtt_ = Duration::millis(100);  // before anything is measured: a continental round trip
  bool rtt_measured_ = false;
};

}  // namespace footlight::relay
