#include "rtp/rtcp/pli.h"

#include "rtp/rtcp/feedback_header.h"

namespace footlight::rtp::rtcp {

Result<Pli, MessageError> Pli::parse(const Block& block) {
  ByteReader r(block.body);
  auto header = FeedbackHeader::parse(block, BlockType::kPayloadFeedback, kFmtPli, r);
  if (!header) return unexpected(header.error());
  return Pli{header->sender, header->media};
}

void Pli::write(ByteWriter& w) const {
  FeedbackHeader{sender, media}.write(w, BlockType::kPayloadFeedback, kFmtPli, 0);
}

}  // namespace footlight::rtp::rtcp
