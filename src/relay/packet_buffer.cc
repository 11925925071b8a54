#include "relay/packet_buffer.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace footlight::relay {

PacketBuffer::PacketBuffer(size_t capacity) : slots_(capacity), chunks_((capacity + kChunk - 1) / kChunk) {
  CHECK(std::has_single_bit(capacity));
}

rtp::UnwrappedSeq PacketBuffer::oldest() const {
  if (!newest_) return rtp::UnwrappedSeq(0);
  return std::max(*first_, newest_->plus(1 - static_cast<int64_t>(slots_.size())));
}

Result<const StoredPacket*, InsertError> PacketBuffer::insert(const StoredPacket& packet, ByteView payload,
                                                              ByteView descriptor) {
  if (payload.size() + descriptor.size() > kMaxPayload) return unexpected(InsertError::kTooLarge);
  if (newest_ && packet.seq.value() <= newest_->value() - static_cast<int64_t>(slots_.size()))
    return unexpected(InsertError::kTooOld);
  size_t index = index_of(packet.seq);
  StoredPacket& slot = slots_[index];
  if (slot.seq == packet.seq) return unexpected(InsertError::kDuplicate);
  std::unique_ptr<Chunk>& chunk = chunks_[index / kChunk];
  if (!chunk) chunk = std::make_unique<Chunk>();
  MutableByteView bytes = (*chunk)[index % kChunk];
  slot = packet;
  slot.payload = bytes.subspan(rtp::kRtxHeaderSize, payload.size());
  slot.descriptor = bytes.subspan(rtp::kRtxHeaderSize + payload.size(), descriptor.size());
  std::ranges::copy(payload, slot.payload.begin());
  std::ranges::copy(descriptor, slot.descriptor.begin());
  if (!newest_ || packet.seq > *newest_) newest_ = packet.seq;
  if (!first_ || packet.seq < *first_) first_ = packet.seq;
  return &slot;
}

const StoredPacket* PacketBuffer::find(rtp::UnwrappedSeq seq) const {
  const StoredPacket& slot = slots_[index_of(seq)];
  return slot.seq == seq ? &slot : nullptr;
}

void PacketBuffer::clear() {
  for (StoredPacket& slot : slots_) slot.seq = rtp::UnwrappedSeq(-1);
  newest_.reset();
  first_.reset();
}

}  // namespace footlight::relay
