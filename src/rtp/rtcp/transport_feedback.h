#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

inline constexpr Duration kFeedbackTick = Duration::micros(250);          // receive deltas, draft §3.1.5
inline constexpr Duration kFeedbackReferenceTick = Duration::millis(64);  // reference time, draft §3.1

// draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1: when each packet of a transport arrived.
// A checked view: parse() has walked every status and delta once.
class TransportFeedback {
 public:
  // One packet's fate. `arrival` counts from the far side's own zero (its reference time), in whole 250 µs ticks.
  struct Packet {
    SeqNum seq{};
    std::optional<Duration> arrival;  // nullopt: not received
  };
  // Walks the packets in sequence order.
  class Reader {
   public:
    [[nodiscard]] bool next(Packet& out);

   private:
    friend class TransportFeedback;
    explicit Reader(const TransportFeedback& feedback);
    ByteReader chunks_;
    ByteReader deltas_;
    uint16_t seq_;
    uint16_t left_;
    int64_t ticks_;
    uint16_t chunk_ = 0;
    uint16_t at_in_chunk_ = 0;
    uint16_t chunk_size_ = 0;
  };

  [[nodiscard]] static Result<TransportFeedback, MessageError> parse(const Block& block);
  [[nodiscard]] Ssrc sender() const { return sender_; }
  [[nodiscard]] Ssrc media() const { return media_; }
  [[nodiscard]] SeqNum base_seq() const { return SeqNum(base_seq_); }
  [[nodiscard]] uint16_t packet_count() const { return count_; }
  [[nodiscard]] Duration reference_time() const { return kFeedbackReferenceTick * reference_; }
  [[nodiscard]] uint8_t feedback_number() const { return number_; }
  [[nodiscard]] Reader packets() const { return Reader(*this); }

 private:
  Ssrc sender_{};
  Ssrc media_{};
  uint16_t base_seq_ = 0;
  uint16_t count_ = 0;
  int32_t reference_ = 0;  // signed 24 bits
  uint8_t number_ = 0;
  ByteView chunks_;
  ByteView deltas_;
};

// Collects arrivals and writes one feedback message. Packets are added in rising sequence order; the ones between are
// reported as lost. add() refuses what does not fit any more (count, size, or a delta over ±8.19 s): write what is
// there, begin anew and add it again. Fixed memory; owned by the recorder of one transport.
class TransportFeedbackBuilder {
 public:
  static constexpr size_t kMaxPackets = 512;  // at most 1,192 bytes on the wire: one datagram

  // `base` is the first packet reported on, received or not; arrivals are on the caller's monotonic clock.
  void begin(Ssrc sender, Ssrc media, uint8_t feedback_number, UnwrappedSeq base);
  [[nodiscard]] bool add(UnwrappedSeq seq, Timestamp arrival);
  [[nodiscard]] size_t packet_count() const { return count_; }
  [[nodiscard]] bool empty() const { return received_ == 0; }
  // Needs at least one arrival. Nothing else changes: begin() comes next.
  void write(ByteWriter& w) const;

 private:
  [[nodiscard]] uint16_t chunk_at(size_t at, size_t& taken) const;

  Ssrc sender_{};
  Ssrc media_{};
  uint8_t number_ = 0;
  UnwrappedSeq base_{};
  int64_t reference_ = 0;   // 64 ms units since the caller's zero
  int64_t last_ticks_ = 0;  // of the last arrival, 250 µs units since the caller's zero
  size_t count_ = 0;        // statuses, lost ones included
  size_t received_ = 0;
  size_t delta_bytes_ = 0;
  std::array<uint8_t, kMaxPackets> symbols_{};
  std::array<int16_t, kMaxPackets> deltas_{};
};

}  // namespace footlight::rtp::rtcp
