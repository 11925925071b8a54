#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "relay/packet_buffer.h"
#include "relay/sender_clock.h"

namespace footlight::relay {

// What shards tell each other. `publication` is the directory's token: the publisher's shard sends packets and clocks
// of it to a shard that mirrors it; that one opens, asks for key frames and closes.
struct RingRecord {
  enum class Kind : uint8_t { kPacket, kClock, kOpen, kClose, kKeyFrame };
  Kind kind{};
  uint8_t track = 0;
  uint8_t layer = 0;
  uint64_t publication = 0;
  rtp::Ssrc ssrc{};                            // kPacket: the producer's present one
  StoredPacket packet;                         // kPacket; its bytes are copied into the slot
  SenderClock clock;                           // kClock
  std::optional<rtp::UnwrappedTime> key_time;  // kKeyFrame: of the newest key frame that has crossed already
};

// A bounded queue from one shard's thread to another's: fixed slots, no lock. Owned by the mesh. push() on the one
// thread, front() and pop() on the other. When it is full push() refuses: packets wait in their producer's buffer, and
// the feed goes on when there is room. Slots get their memory when they are first used and keep it.
class ShardRing {
 public:
  static constexpr size_t kSlots = 1024;  // 3 s of a 4 Mbit/s source, or 100 such sources for 30 ms; 1.6 MiB

  // False when it is full.
  [[nodiscard]] bool push(const RingRecord& record);
  // The oldest record, its bytes in the slot until pop(); nullptr: empty.
  [[nodiscard]] const RingRecord* front();
  void pop();  // what front() has given

 private:
  static constexpr size_t kChunk = 64;
  struct Slot {
    RingRecord record;
    std::array<uint8_t, PacketBuffer::kMaxPayload> bytes;
  };
  using Chunk = std::array<Slot, kChunk>;

  [[nodiscard]] Slot& slot(uint64_t index) { return (*chunks_[index % kSlots / kChunk])[index % kChunk]; }

  std::array<std::unique_ptr<Chunk>, kSlots / kChunk> chunks_;  // written by the pusher before the slot is published
  alignas(64) std::atomic<uint64_t> pushed_ = 0;
  alignas(64) std::atomic<uint64_t> popped_ = 0;
  alignas(64) uint64_t popped_seen_ = 0;  // the pusher's last look
  alignas(64) uint64_t pushed_seen_ = 0;  // the popper's last look
};

}  // namespace footlight::relay
