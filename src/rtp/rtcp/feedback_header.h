#pragma once
#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// The two SSRCs that open every feedback message (RFC 4585 §6.1).
struct FeedbackHeader {
  static constexpr size_t kSize = 8;
  Ssrc sender{};
  Ssrc media{};

  // Reads them from `reader`, which stands at the body of `block`.
  [[nodiscard]] static Result<FeedbackHeader, MessageError> parse(const Block& block, BlockType type, uint8_t format,
                                                                  ByteReader& reader);
  // Block header and both SSRCs; `fci_size` bytes of feedback control information follow.
  void write(ByteWriter& w, BlockType type, uint8_t format, size_t fci_size) const;
};

}  // namespace footlight::rtp::rtcp
