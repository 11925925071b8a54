#include "rtp/rtcp/remb.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "rtp/rtcp/feedback_header.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr uint32_t kMagic = 0x52454d42;  // "REMB"
constexpr unsigned kMantissaBits = 18;

}  // namespace

// FCI: |"REMB"|number of SSRCs: 8|exponent: 6|mantissa: 18| SSRC …
Result<Remb, MessageError> Remb::parse(const Block& block) {
  ByteReader r(block.body);
  auto header = FeedbackHeader::parse(block, BlockType::kPayloadFeedback, kFmtApplication, r);
  if (!header) return unexpected(header.error());
  uint32_t magic = 0;
  uint8_t count = 0;
  uint32_t coded = 0;
  Remb remb;
  if (!r.read_u32(magic) || !r.read_u8(count) || !r.read_u24(coded)) return unexpected(MessageError::kTruncated);
  if (magic != kMagic) return unexpected(MessageError::kWrongType);
  if (!r.read_bytes(size_t{count} * 4, remb.sources_)) return unexpected(MessageError::kTruncated);
  uint32_t exponent = coded >> kMantissaBits;
  uint64_t mantissa = coded & ((1u << kMantissaBits) - 1);
  constexpr uint32_t kLargestExponent = 63 - kMantissaBits;  // beyond it the rate leaves 63 bits
  if (mantissa != 0 && exponent > kLargestExponent) return unexpected(MessageError::kBadValue);
  remb.sender_ = header->sender;
  remb.rate_ = DataRate::bps(mantissa == 0 ? 0 : static_cast<int64_t>(mantissa << exponent));
  return remb;
}

Ssrc Remb::at(size_t i) const {
  CHECK(i < size());
  ByteReader r(sources_.subspan(i * 4));
  uint32_t source = 0;
  CHECK(r.read_u32(source));
  return Ssrc(source);
}

void write_remb(ByteWriter& w, Ssrc sender, DataRate rate, std::span<const Ssrc> sources) {
  CHECK(sources.size() <= 255);
  auto bps = static_cast<uint64_t>(std::max<int64_t>(rate.bps(), 0));
  auto width = static_cast<unsigned>(std::bit_width(bps));
  unsigned exponent = width > kMantissaBits ? width - kMantissaBits : 0;
  FeedbackHeader{sender, Ssrc(0)}.write(w, BlockType::kPayloadFeedback, kFmtApplication, 8 + 4 * sources.size());
  w.u32(kMagic);
  w.u8(static_cast<uint8_t>(sources.size()));
  w.u24(static_cast<uint32_t>(exponent << kMantissaBits | bps >> exponent));
  for (Ssrc s : sources) w.u32(s.value());
}

}  // namespace footlight::rtp::rtcp
