#include "rtp/rtcp/receiver_report.h"

#include "base/check.h"

namespace footlight::rtp::rtcp {

Result<ReceiverReport, MessageError> ReceiverReport::parse(const Block& block) {
  if (block.type != BlockType::kReceiverReport) return unexpected(MessageError::kWrongType);
  ByteReader r(block.body);
  uint32_t sender = 0;
  ByteView blocks;
  if (!r.read_u32(sender) || !r.read_bytes(block.count * kReportBlockSize, blocks))
    return unexpected(MessageError::kTruncated);
  return ReceiverReport{Ssrc(sender), ReportBlocks(blocks)};
}

void ReceiverReport::write(ByteWriter& w, std::span<const ReportBlock> blocks) const {
  CHECK(blocks.size() <= kMaxReportBlocks);
  write_block_header(w, static_cast<uint8_t>(blocks.size()), BlockType::kReceiverReport,
                     4 + blocks.size() * kReportBlockSize);
  w.u32(sender.value());
  for (const ReportBlock& b : blocks) b.write(w);
}

}  // namespace footlight::rtp::rtcp
