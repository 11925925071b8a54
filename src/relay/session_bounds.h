#pragma once
#include <cstddef>

namespace footlight::relay {

// How many sessions there may be at once. Each kind has its own bound: however many watch, and whatever anonymous
// viewers post, a presenter who comes, or comes back, finds room.
struct SessionBounds {
  size_t publishers = 512;
  size_t viewers = 4096;  // connected
  // Viewers who have their answer and are not connected yet, besides. Beyond it the one that has waited longest gives
  // way: a browser connects within a second, and an offer that nobody means to use costs memory until it times out.
  size_t joining = 512;

  // One shard's part of a relay's. RTMP and links are the first shard's alone: each shard may have all publishers.
  [[nodiscard]] SessionBounds shared_by(size_t shards) const {
    return {publishers, (viewers + shards - 1) / shards, (joining + shards - 1) / shards};
  }
};

}  // namespace footlight::relay
