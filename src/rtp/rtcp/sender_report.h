#pragma once
#include <span>

#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/report_block.h"

namespace footlight::rtp::rtcp {

// RFC 3550 §6.4.1: which RTP time belongs to which wall time, and how much was sent.
struct SenderReport {
  Ssrc sender{};
  NtpTime ntp{};
  RtpTime rtp_time{};
  uint32_t packets = 0;
  uint32_t octets = 0;   // of payload
  ReportBlocks reports;  // parse only; write() takes them apart

  [[nodiscard]] static Result<SenderReport, MessageError> parse(const Block& block);
  void write(ByteWriter& w, std::span<const ReportBlock> blocks = {}) const;
};

}  // namespace footlight::rtp::rtcp
