#include "relay/shard_ring.h"

#include <cstring>

namespace footlight::relay {

bool ShardRing::push(const RingRecord& record) {
  uint64_t index = pushed_.load(std::memory_order_relaxed);
  if (index - popped_seen_ == kSlots) {
    popped_seen_ = popped_.load(std::memory_order_acquire);
    if (index - popped_seen_ == kSlots) return false;
  }
  auto& chunk = chunks_[index % kSlots / kChunk];
  if (!chunk) chunk = std::make_unique<Chunk>();
  Slot& to = slot(index);
  to.record = record;
  ByteView payload = record.packet.payload;
  ByteView descriptor = record.packet.descriptor;
  if (!payload.empty()) std::memcpy(to.bytes.data(), payload.data(), payload.size());
  if (!descriptor.empty()) std::memcpy(to.bytes.data() + payload.size(), descriptor.data(), descriptor.size());
  to.record.packet.payload = MutableByteView(to.bytes).first(payload.size());
  to.record.packet.descriptor = MutableByteView(to.bytes).subspan(payload.size(), descriptor.size());
  pushed_.store(index + 1, std::memory_order_release);
  return true;
}

const RingRecord* ShardRing::front() {
  uint64_t index = popped_.load(std::memory_order_relaxed);
  if (index == pushed_seen_) {
    pushed_seen_ = pushed_.load(std::memory_order_acquire);
    if (index == pushed_seen_) return nullptr;
  }
  return &slot(index).record;
}

void ShardRing::pop() { popped_.store(popped_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

}  // namespace footlight::relay
