#include "rtp/rtcp/sender_report.h"

#include "base/check.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr size_t kSenderInfoSize = 24;  // SSRC, NTP, RTP time, packet and octet count

}  // namespace

Result<SenderReport, MessageError> SenderReport::parse(const Block& block) {
  if (block.type != BlockType::kSenderReport) return unexpected(MessageError::kWrongType);
  ByteReader r(block.body);
  uint32_t sender = 0;
  uint64_t ntp = 0;
  uint32_t rtp_time = 0;
  SenderReport report;
  ByteView blocks;
  if (!r.read_u32(sender) || !r.read_u64(ntp) || !r.read_u32(rtp_time) || !r.read_u32(report.packets) ||
      !r.read_u32(report.octets) || !r.read_bytes(block.count * kReportBlockSize, blocks))
    return unexpected(MessageError::kTruncated);
  report.sender = Ssrc(sender);
  report.ntp = NtpTime(ntp);
  report.rtp_time = RtpTime(rtp_time);
  report.reports = ReportBlocks(blocks);
  return report;
}

void SenderReport::write(ByteWriter& w, std::span<const ReportBlock> blocks) const {
  CHECK(blocks.size() <= kMaxReportBlocks);
  write_block_header(w, static_cast<uint8_t>(blocks.size()), BlockType::kSenderReport,
                     kSenderInfoSize + blocks.size() * kReportBlockSize);
  w.u32(sender.value());
  w.u64(ntp.value());
  w.u32(rtp_time.value());
  w.u32(packets);
  w.u32(octets);
  for (const ReportBlock& b : blocks) b.write(w);
}

}  // namespace footlight::rtp::rtcp
