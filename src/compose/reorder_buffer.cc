#include "compose/reorder_buffer.h"

namespace footlight::compose {

void ReorderBuffer::push(WaitingPacket packet) {
  if (!next_) next_ = packet.seq;
  if (packet.seq < *next_) return;  // its gap was skipped
  packets_.emplace(packet.seq.value(), std::move(packet));
}

std::optional<WaitingPacket> ReorderBuffer::pop(Timestamp now) {
  if (packets_.empty()) return std::nullopt;
  auto first = packets_.begin();
  const bool in_order = first->first == next_->value();
  if (!in_order && now - first->second.arrival < patience_ && packets_.size() < kMaxPackets) return std::nullopt;
  WaitingPacket packet = std::move(first->second);
  packets_.erase(first);
  next_ = packet.seq.plus(1);
  return packet;
}

}  // namespace footlight::compose
