#include "rtp/rtcp/feedback_header.h"

namespace footlight::rtp::rtcp {

Result<FeedbackHeader, MessageError> FeedbackHeader::parse(const Block& block, BlockType type, uint8_t format,
                                                           ByteReader& reader) {
  if (block.type != type || block.count != format) return unexpected(MessageError::kWrongType);
  uint32_t sender = 0;
  uint32_t media = 0;
  if (!reader.read_u32(sender) || !reader.read_u32(media)) return unexpected(MessageError::kTruncated);
  return FeedbackHeader{Ssrc(sender), Ssrc(media)};
}

void FeedbackHeader::write(ByteWriter& w, BlockType type, uint8_t format, size_t fci_size) const {
  write_block_header(w, format, type, kSize + fci_size);
  w.u32(sender.value());
  w.u32(media.value());
}

}  // namespace footlight::rtp::rtcp
