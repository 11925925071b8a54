#include "rtp/rtcp/report_block.h"

#include <algorithm>

#include "base/check.h"

namespace footlight::rtp::rtcp {

ReportBlock ReportBlocks::at(size_t i) const {
  CHECK(i < size());
  ByteReader r(bytes_.subspan(i * kReportBlockSize, kReportBlockSize));
  uint32_t source = 0;
  uint32_t lost = 0;
  uint32_t last_sr = 0;
  uint32_t delay = 0;
  ReportBlock block;
  bool whole = r.read_u32(source) && r.read_u8(block.fraction_lost) && r.read_u24(lost) &&
               r.read_u32(block.highest_seq) && r.read_u32(block.jitter) && r.read_u32(last_sr) && r.read_u32(delay);
  CHECK(whole);
  block.source = Ssrc(source);
  block.cumulative_lost = static_cast<int32_t>(lost << 8) >> 8;  // sign of 24 bits
  block.last_sr = CompactNtp(last_sr);
  block.delay_since_last_sr = CompactNtp(delay);
  return block;
}

void ReportBlock::write(ByteWriter& w) const {
  constexpr int32_t kMostLost = 0x7fffff;
  w.u32(source.value());
  w.u8(fraction_lost);
  w.u24(static_cast<uint32_t>(std::clamp(cumulative_lost, -kMostLost - 1, kMostLost)) & 0xffffff);
  w.u32(highest_seq);
  w.u32(jitter);
  w.u32(last_sr.value());
  w.u32(delay_since_last_sr.value());
}

}  // namespace footlight::rtp::rtcp
