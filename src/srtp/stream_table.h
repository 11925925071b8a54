#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/prefetch.h"
#include "srtp/srtp_session.h"

namespace footlight::srtp {

// State by SSRC, bounded: open addressing at half load, grown only by insert(). find() costs one or two probes and no
// memory. An SSRC forgotten would let its old packets in again, so a full table refuses new ones unless it was told
// that SSRCs come and go: then insert() forgets the one that was looked for least recently.
template <class State>
class StreamTable {
 public:
  explicit StreamTable(size_t max_streams, WhenFull when_full = WhenFull::kRefuse)
      : max_(max_streams), when_full_(when_full), slots_(8) {}

  [[nodiscard]] State* find(uint32_t ssrc) {
    Slot& slot = slots_[place(slots_, ssrc)];
    if (!slot.used) return nullptr;
    slot.last_use = ++uses_;
    return &slot.state;
  }
  void prefetch_slots() const { prefetch(slots_.data(), slots_.size() * sizeof(Slot)); }
  [[nodiscard]] bool refuses() const { return count_ == max_ && when_full_ == WhenFull::kRefuse; }
  // An SSRC that find() does not know, while it is not refused.
  State& insert(uint32_t ssrc) {
    if (count_ == max_) forget_oldest();
    if (2 * (count_ + 1) > slots_.size()) rebuild(2 * slots_.size());
    ++count_;
    Slot& slot = slots_[place(slots_, ssrc)];
    slot.ssrc = ssrc;
    slot.used = true;
    slot.last_use = ++uses_;
    return slot.state;
  }

 private:
  struct Slot {
    uint32_t ssrc = 0;
    bool used = false;
    uint64_t last_use = 0;
    State state{};
  };

  // Where the SSRC is, or where it would go. SSRCs are random (RFC 3550 §8), yet a peer picks its own: Fibonacci
  // hashing keeps neighbours apart, and the bound keeps the worst case small.
  [[nodiscard]] static size_t place(const std::vector<Slot>& slots, uint32_t ssrc) {
    size_t mask = slots.size() - 1;
    size_t at = static_cast<size_t>((ssrc * 0x9e3779b97f4a7c15ULL) >> 32) & mask;
    while (slots[at].used && slots[at].ssrc != ssrc) at = (at + 1) & mask;
    return at;
  }
  void rebuild(size_t size) {
    std::vector<Slot> fresh(size);
    for (const Slot& slot : slots_)
      if (slot.used) fresh[place(fresh, slot.ssrc)] = slot;
    slots_ = std::move(fresh);
  }
  // Rare: once a new SSRC. What lay behind it in its probe chain finds its place anew.
  void forget_oldest() {
    Slot* oldest = nullptr;
    for (Slot& slot : slots_)
      if (slot.used && (oldest == nullptr || slot.last_use < oldest->last_use)) oldest = &slot;
    oldest->used = false;
    --count_;
    rebuild(slots_.size());
  }

  size_t max_;
  WhenFull when_full_;
  size_t count_ = 0;
  uint64_t uses_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace footlight::srtp
