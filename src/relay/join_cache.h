#pragma once
#include <optional>

#include "relay/packet_buffer.h"

namespace footlight::relay {

// Where a viewer who comes now may begin, so that it has a picture at once: the first packet of the newest key frame,
// while that one and what follows are still buffered and not more than 2 s of media. Owned by a video producer.
class JoinCache {
 public:
  static constexpr Duration kMaxSpan = Duration::seconds(2);  // DESIGN §2

  explicit JoinCache(int clock_rate) : clock_rate_(clock_rate) {}

  void on_packet(const PacketBuffer& buffer, const StoredPacket& packet);
  // Number of the packet to begin with; nullopt: wait for the next key frame.
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> start(const PacketBuffer& buffer) const;
  // The newest key frame's RTP time: requests made before it are answered by it.
  [[nodiscard]] std::optional<rtp::UnwrappedTime> key_time() const { return key_time_; }
  void clear();

 private:
  int clock_rate_;
  std::optional<rtp::UnwrappedSeq> key_seq_;
  std::optional<rtp::UnwrappedTime> key_time_;
  // Of the packet that is newest by its number: a source's time may fall back.
  std::optional<rtp::UnwrappedSeq> newest_seq_;
  rtp::UnwrappedTime newest_time_{};
};

// The first packet of the frame that `seq` belongs to, as far as it can be known: packets before it that are still
// missing may belong to it and are counted in, so that they find their place when they are repaired.
[[nodiscard]] rtp::UnwrappedSeq first_of_frame(const PacketBuffer& buffer, const StoredPacket& packet);

}  // namespace footlight::relay
