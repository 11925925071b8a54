#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::congestion {

// The last packets sent on one path, by transport-wide sequence number: what feedback is read against. Owned by a send
// controller. In: sent packets, and the numbers that feedback names; out: what each was. 8 KiB, never more: feedback on
// a packet that fell out of it is ignored.
class SentHistory {
 public:
  static constexpr size_t kCapacity = 1024;  // 1 s at 10 Mbit/s, 3 s at 2.5 Mbit/s

  enum class Fate : uint8_t { kNone, kInFlight, kReceived, kLost };
  struct Packet {
    rtp::UnwrappedSeq seq{};
    Timestamp sent{};
    size_t bytes = 0;
    uint8_t probe = 0;  // cluster of a probe, 0 for none
    Fate before{};      // what was known of it until now
  };

  void on_sent(rtp::SeqNum seq, size_t bytes, uint8_t probe, Timestamp now);
  // Feedback names a packet; nullopt: unknown, or received already. All sent before it count as no longer in flight.
  [[nodiscard]] std::optional<Packet> report(rtp::SeqNum seq, bool received, Timestamp now);

  [[nodiscard]] size_t in_flight() const { return in_flight_; }  // bytes
  // What is in flight will not be heard of any more.
  void give_up();
  // What was sent so far went another way: feedback on it is ignored.
  void forget();

 private:
  // Eight bytes a packet. Microseconds of 32 bits wrap after 71 minutes: far beyond a packet's stay here.
  struct Entry {
    uint32_t sent_us = 0;
    uint16_t bytes = 0;
    uint8_t probe = 0;
    Fate fate = Fate::kNone;
  };
  [[nodiscard]] Entry& entry_of(int64_t seq) { return ring_[static_cast<size_t>(seq) % kCapacity]; }
  void settle_through(int64_t seq);

  rtp::SeqUnwrapper unwrapper_;
  int64_t settled_ = -1;  // newest number that is not in flight any more
  size_t in_flight_ = 0;
  std::array<Entry, kCapacity> ring_{};
};

}  // namespace footlight::congestion
