#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "rtp/ntp.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

inline constexpr size_t kReportBlockSize = 24;
inline constexpr size_t kMaxReportBlocks = 31;  // RC has five bits

// What one receiver says of one source (RFC 3550 §6.4.1).
struct ReportBlock {
  Ssrc source{};
  uint8_t fraction_lost = 0;    // of 256, since the last report
  int32_t cumulative_lost = 0;  // 24 bits signed; clamped on write
  uint32_t highest_seq = 0;     // extended: wraps in the upper half
  uint32_t jitter = 0;          // in ticks of the track's clock
  CompactNtp last_sr{};         // 0: none received yet
  CompactNtp delay_since_last_sr{};

  void write(ByteWriter& w) const;
  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

// The report blocks of a sender or receiver report, read as they are asked for.
class ReportBlocks {
 public:
  ReportBlocks() = default;
  explicit ReportBlocks(ByteView bytes) : bytes_(bytes) {}  // a multiple of kReportBlockSize
  [[nodiscard]] size_t size() const { return bytes_.size() / kReportBlockSize; }
  [[nodiscard]] ReportBlock at(size_t i) const;

 private:
  ByteView bytes_;
};

}  // namespace footlight::rtp::rtcp
