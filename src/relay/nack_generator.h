#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::relay {

// Which packets of one producer are missing and worth asking for (RFC 4585 §6.2.1). Owned by the producer, on the
// shard thread; fixed memory. In: the numbers of packets that came. Out: numbers to name in a NACK now. A packet that
// outlives the repair deadline is given up; then only a key frame mends the picture, and take_given_up() says so.
class NackGenerator {
 public:
  // libwebrtc's bounds (modules/video_coding/nack_requester.cc: 10 retries); list sized for 64 datagrams of loss
  // bursts.
  static constexpr int kMaxRetries = 10;
  static constexpr size_t kMaxMissing = 512;
  static constexpr Duration kMinRetry = Duration::millis(20);
  static constexpr Duration kMinDeadline = Duration::millis(250);
  static constexpr Duration kMaxDeadline = Duration::seconds(1);

  // True when `seq` had been missing and first named in a NACK at `*asked_at`: a sample of the round trip. It may be
  // too long, when that NACK or its answer was lost; counting only unrepeated asks would leave a guess that is too
  // short for ever as it is, because every ask is then repeated.
  bool on_packet(rtp::UnwrappedSeq seq, Timestamp now, Timestamp* asked_at);
  // Fills `out` with the numbers due; how many. `rtt` spaces the retries.
  [[nodiscard]] size_t take_due(Timestamp now, Duration rtt, std::span<rtp::SeqNum> out);
  // True once after a packet newer than the last key frame was given up.
  [[nodiscard]] bool take_given_up();
  // Packets before a key frame are no longer worth a key frame of their own.
  void on_key_frame(rtp::UnwrappedSeq first);
  void reset();

  [[nodiscard]] size_t missing() const { return count_; }
  [[nodiscard]] uint64_t repaired() const { return repaired_; }
  [[nodiscard]] uint64_t given_up() const { return given_up_count_; }

 private:
  struct Missing {
    rtp::UnwrappedSeq seq{};
    Timestamp since{};
    Timestamp first_asked{};
    Timestamp asked{};
    int retries = 0;
  };
  void add_gap(rtp::UnwrappedSeq from, rtp::UnwrappedSeq to, Timestamp now);
  void erase(size_t index);
  void give_up(const Missing& m);

  std::array<Missing, kMaxMissing> missing_{};  // ascending
  size_t count_ = 0;
  bool started_ = false;
  rtp::UnwrappedSeq newest_{};
  rtp::UnwrappedSeq key_seq_{};
  bool given_up_ = false;
  uint64_t repaired_ = 0;
  uint64_t given_up_count_ = 0;
};

}  // namespace footlight::relay
