#pragma once
#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::load {

// Which packets of one SSRC came, and which are worth asking for again (RFC 4585 §6.2.1). Owned by a viewer's media,
// on its thread; bounded. In: sequence numbers as they come, repairs included. Out: counts, and the numbers for a NACK.
class GapTracker {
 public:
  // libwebrtc asks 10 times at the round trip's pace; a load client does not know its round trip and need not insist.
  static constexpr int kMaxAsks = 5;
  static constexpr Duration kAskInterval = Duration::millis(50);
  static constexpr size_t kMaxMissing = 256;

  enum class Seen : uint8_t { kNew, kRepaired, kDuplicate, kTooOld };
  Seen on_packet(rtp::SeqNum seq, Timestamp now);
  // How many numbers are due, in order.
  [[nodiscard]] size_t take_due(Timestamp now, std::span<rtp::SeqNum> out);
  [[nodiscard]] bool asking() const { return !missing_.empty(); }

  [[nodiscard]] uint64_t expected() const { return started_ ? static_cast<uint64_t>(newest_ - first_ + 1) : 0; }
  [[nodiscard]] uint64_t received() const { return received_; }  // each number once
  [[nodiscard]] rtp::UnwrappedSeq newest() const { return rtp::UnwrappedSeq(newest_); }
  // Did every packet from `from` to `to` come? Both within the last kWindow numbers.
  [[nodiscard]] bool whole(rtp::UnwrappedSeq from, rtp::UnwrappedSeq to) const;
  [[nodiscard]] rtp::UnwrappedSeq place_of(rtp::SeqNum seq) const { return unwrapper_.peek(seq); }

 private:
  static constexpr int64_t kWindow = 2048;  // three seconds of 8 Mbit/s
  struct Missing {
    int64_t seq;
    Timestamp due;
    int asks = 0;
  };
  [[nodiscard]] size_t slot(int64_t seq) const { return static_cast<size_t>(seq % kWindow); }
  void advance_to(int64_t seq, Timestamp now);

  rtp::SeqUnwrapper unwrapper_;
  std::bitset<kWindow> seen_;
  std::vector<Missing> missing_;  // ascending
  bool started_ = false;
  int64_t first_ = 0;
  int64_t newest_ = 0;
  uint64_t received_ = 0;
};

}  // namespace footlight::load
