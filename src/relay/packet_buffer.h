#pragma once
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "relay/stored_packet.h"

namespace footlight::relay {

enum class InsertError { kTooLarge, kDuplicate, kTooOld };

// The last packets of one producer: what viewers' retransmissions and joins are served from, shared by all consumers.
// Owned by the producer, on the shard thread. A ring by sequence number; memory comes in chunks as it fills up first
// and stays. At most kVideoPackets x kMaxPayload = 2.8 MiB: inside the join cache's bound of 4 MiB (DESIGN §2).
class PacketBuffer {
 public:
  static constexpr size_t kVideoPackets = 2048;  // 2 s at 12 Mbit/s
  static constexpr size_t kAudioPackets = 256;   // 5 s of 20 ms packets
  // Payload and descriptor: what fits an Ethernet frame with RTP header, our extensions, RTX and tag.
  static constexpr size_t kMaxPayload = 1440;

  explicit PacketBuffer(size_t capacity);  // a power of two

  // The fields of `packet`, with copies of these bytes in place of its views.
  [[nodiscard]] Result<const StoredPacket*, InsertError> insert(const StoredPacket& packet, ByteView payload,
                                                                ByteView descriptor = {});
  [[nodiscard]] const StoredPacket* find(rtp::UnwrappedSeq seq) const;
  // The newest and the first ever inserted since clear().
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> newest() const { return newest_; }
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> first() const { return first_; }
  // The oldest number that may still be in the ring.
  [[nodiscard]] rtp::UnwrappedSeq oldest() const;
  void clear();

 private:
  static constexpr size_t kChunk = 64;  // packets
  using Slot = std::array<uint8_t, rtp::kRtxHeaderSize + kMaxPayload>;
  using Chunk = std::array<Slot, kChunk>;

  [[nodiscard]] size_t index_of(rtp::UnwrappedSeq seq) const {
    return static_cast<size_t>(seq.value()) & (slots_.size() - 1);
  }

  std::vector<StoredPacket> slots_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::optional<rtp::UnwrappedSeq> newest_;
  std::optional<rtp::UnwrappedSeq> first_;
};

}  // namespace footlight::relay
