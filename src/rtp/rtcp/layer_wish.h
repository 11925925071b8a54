#pragma once
#include <cstdint>

#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// A receiver's wish for one encoding of a track: an application-defined packet (RFC 3550 §6.7) of the name "FLYR", by
// which compose tells the relay how large a picture its slot needs. Zero by zero: none at all for now.
struct LayerWish {
  Ssrc sender{};
  Ssrc media{};
  uint16_t width = 0;  // pixels; the smallest layer that covers both is enough
  uint16_t height = 0;

  [[nodiscard]] static Result<LayerWish, MessageError> parse(const Block& block);
  void write(ByteWriter& w) const;
  friend bool operator==(const LayerWish&, const LayerWish&) = default;
};

}  // namespace footlight::rtp::rtcp
