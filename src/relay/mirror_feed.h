#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "relay/producer_cursor.h"
#include "relay/publication.h"
#include "relay/shard_ring.h"
#include "relay/stream.h"

namespace footlight::relay {

// What crossed to other shards: plain numbers of one shard's thread.
struct RingCounters {
  uint64_t packets = 0;
  uint64_t full = 0;  // times a ring had no room: what did not fit waits in the producer's buffer
  uint64_t lost = 0;  // packets that left the buffer before there was room
};

// One publication on its way to another shard: its packets as they came, into the ring between the two. Owned by the
// publisher's shard, on its thread. A full ring holds nothing up and loses nothing at once: cursors stay behind in the
// producers' buffers, and each turn and tick goes on from there.
class MirrorFeed final : public PacketTap {
 public:
  MirrorFeed(uint64_t token, const Publication& publication, ShardRing& ring, RingCounters& counters, Timestamp now);

  [[nodiscard]] uint64_t token() const { return token_; }
  [[nodiscard]] const Publication* publication() const override { return &publication_; }
  void forward(size_t track, size_t layer, const Producer& producer, Timestamp now) override;
  // Goes on after a full ring, and hands on what sender reports have told.
  void tick(Timestamp now);
  // A key frame that the other shard did not know of when it wished for one has been handed over since: the two
  // crossed.
  [[nodiscard]] bool crosses(size_t track, size_t layer, std::optional<rtp::UnwrappedTime> known, Timestamp now) const;
  // True once after something was pushed.
  [[nodiscard]] bool take_pushed() { return std::exchange(pushed_, false); }

  // The other shard repeats that it wants this.
  Timestamp wanted_at{};

 private:
  struct Layer {
    size_t track = 0;
    size_t layer = 0;
    ProducerCursor cursor;
    uint64_t lost = 0;
    std::optional<Timestamp> clock_told;
    std::optional<rtp::UnwrappedTime> key_time;  // of the newest key frame that was handed over, and when
    Timestamp key_at{};
  };
  [[nodiscard]] bool push(Layer& layer, const Producer& producer, const StoredPacket& packet, Timestamp now);
  void count_lost(Layer& layer);

  uint64_t token_;
  const Publication& publication_;
  ShardRing& ring_;
  RingCounters& counters_;
  std::vector<Layer> layers_;
  bool pushed_ = false;
};

}  // namespace footlight::relay
