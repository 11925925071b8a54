#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace footlight::srtp {

// State by SSRC, bounded: open addressing at half load, grown only by insert(). Entries are never removed (an SSRC
// forgotten would let its old packets in again). find() costs one or two probes and no memory.
template <class State>
class StreamTable {
 public:
  explicit StreamTable(size_t max_streams) : max_(max_streams), slots_(8) {}

  [[nodiscard]] State* find(uint32_t ssrc) {
    Slot& slot = slots_[place(slots_, ssrc)];
    return slot.used ? &slot.state : nullptr;
  }
  [[nodiscard]] bool full() const { return count_ == max_; }
  // An SSRC that find() does not know, while not full().
  State& insert(uint32_t ssrc) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    ++count_;
    Slot& slot = slots_[place(slots_, ssrc)];
    slot.ssrc = ssrc;
    slot.used = true;
    return slot.state;
  }

 private:
  struct Slot {
    uint32_t ssrc = 0;
    bool used = false;
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
  void grow() {
    std::vector<Slot> bigger(slots_.size() * 2);
    for (const Slot& slot : slots_)
      if (slot.used) bigger[place(bigger, slot.ssrc)] = slot;
    slots_ = std::move(bigger);
  }

  size_t max_;
  size_t count_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace footlight::srtp
