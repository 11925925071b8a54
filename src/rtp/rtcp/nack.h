#pragma once
#include <span>

#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// RFC 4585 §6.2.1: packets that a receiver misses, as pairs of a first one (PID) and a mask of the 16 that follow
// (BLP).
class Nack {
 public:
  [[nodiscard]] static Result<Nack, MessageError> parse(const Block& block);
  [[nodiscard]] Ssrc sender() const { return sender_; }
  [[nodiscard]] Ssrc media() const { return media_; }

  // fn(SeqNum) for each packet, in the order of the message. A message of n pairs names at most 17 n.
  template <class Fn>
  void for_each(Fn&& fn) const {
    ByteReader reader(pairs_);
    uint16_t first = 0;
    uint16_t mask = 0;
    while (reader.read_u16(first) && reader.read_u16(mask)) {
      fn(SeqNum(first));
      for (uint16_t i = 0; i < 16; ++i)
        if (mask >> i & 1) fn(SeqNum(static_cast<uint16_t>(first + 1 + i)));
    }
  }

 private:
  Ssrc sender_{};
  Ssrc media_{};
  ByteView pairs_;
};

// 253 pairs and both headers fill 1,024 bytes: well inside a datagram.
inline constexpr size_t kMaxNackPairs = 253;

// `lost` in ascending (wrapping) order. The number of packets named; the rest, beyond `max_pairs`, goes into a message
// of its own. 0: nothing to say, or no room (then w is no longer ok).
size_t write_nack(ByteWriter& w, Ssrc sender, Ssrc media, std::span<const SeqNum> lost,
                  size_t max_pairs = kMaxNackPairs);

}  // namespace footlight::rtp::rtcp
