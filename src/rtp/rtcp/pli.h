#pragma once
#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// RFC 4585 §6.3.1: a receiver of `media` asks for a key frame.
struct Pli {
  Ssrc sender{};
  Ssrc media{};

  [[nodiscard]] static Result<Pli, MessageError> parse(const Block& block);
  void write(ByteWriter& w) const;
};

}  // namespace footlight::rtp::rtcp
