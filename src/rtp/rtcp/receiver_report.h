#pragma once
#include <span>

#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/report_block.h"

namespace footlight::rtp::rtcp {

// RFC 3550 §6.4.2. Without blocks it is the empty report that opens a compound and keeps a pipe alive.
struct ReceiverReport {
  Ssrc sender{};
  ReportBlocks reports;  // parse only

  [[nodiscard]] static Result<ReceiverReport, MessageError> parse(const Block& block);
  void write(ByteWriter& w, std::span<const ReportBlock> blocks = {}) const;
};

}  // namespace footlight::rtp::rtcp
