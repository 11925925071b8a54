#include "rtp/rtcp/nack.h"

#include "rtp/rtcp/feedback_header.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr size_t kPairSize = 4;
constexpr uint16_t kMaskBits = 16;

// How many of `lost` the pair that begins with the first of them takes up, and its mask.
size_t gather(std::span<const SeqNum> lost, uint16_t& mask) {
  mask = 0;
  size_t taken = 1;
  for (; taken < lost.size(); ++taken) {
    auto ahead = static_cast<uint16_t>(lost[taken].value() - lost[0].value());
    if (ahead == 0) continue;
    if (ahead > kMaskBits) break;
    mask = static_cast<uint16_t>(mask | 1u << (ahead - 1));
  }
  return taken;
}

}  // namespace

Result<Nack, MessageError> Nack::parse(const Block& block) {
  ByteReader r(block.body);
  auto header = FeedbackHeader::parse(block, BlockType::kTransportLayerFeedback, kFmtNack, r);
  if (!header) return unexpected(header.error());
  if (r.remaining() == 0 || r.remaining() % kPairSize != 0) return unexpected(MessageError::kTruncated);
  Nack nack;
  nack.sender_ = header->sender;
  nack.media_ = header->media;
  nack.pairs_ = r.rest();
  return nack;
}

size_t write_nack(ByteWriter& w, Ssrc sender, Ssrc media, std::span<const SeqNum> lost, size_t max_pairs) {
  uint16_t mask = 0;
  size_t named = 0;
  size_t pairs = 0;
  while (named < lost.size() && pairs < max_pairs) {
    named += gather(lost.subspan(named), mask);
    ++pairs;
  }
  if (pairs == 0) return 0;
  FeedbackHeader{sender, media}.write(w, BlockType::kTransportLayerFeedback, kFmtNack, pairs * kPairSize);
  for (size_t at = 0; at < named;) {
    size_t taken = gather(lost.subspan(at), mask);
    w.u16(lost[at].value());
    w.u16(mask);
    at += taken;
  }
  return w.ok() ? named : 0;
}

}  // namespace footlight::rtp::rtcp
