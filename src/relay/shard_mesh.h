#pragma once
#include <memory>
#include <vector>

#include "net/doorbell.h"
#include "relay/shard_ring.h"
#include "relay/stream_directory.h"

namespace footlight::relay {

// What the shards of one relay have between them: the directory, a ring from each shard to each other one, and a bell
// a shard. Owned by Relay (or a test), outlives the shards.
class ShardMesh {
 public:
  explicit ShardMesh(size_t shards) : directory(shards), shards_(shards), rings_(shards * shards), bells_(shards) {}

  [[nodiscard]] size_t size() const { return shards_; }
  [[nodiscard]] ShardRing& ring(size_t from, size_t to) { return rings_[from * shards_ + to]; }
  [[nodiscard]] net::Doorbell& bell(size_t shard) { return bells_[shard]; }
  // What is published has changed: each shard looks.
  void ring_all() {
    for (net::Doorbell& bell : bells_) bell.ring();
  }

  StreamDirectory directory;

 private:
  size_t shards_;
  std::vector<ShardRing> rings_;  // empty ones are small: slots come with use
  std::vector<net::Doorbell> bells_;
};

}  // namespace footlight::relay
