#include "rtp/rtcp/fir.h"

#include "base/check.h"
#include "rtp/rtcp/feedback_header.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr size_t kEntrySize = 8;  // SSRC, number, 24 reserved bits

}  // namespace

Result<Fir, MessageError> Fir::parse(const Block& block) {
  ByteReader r(block.body);
  auto header = FeedbackHeader::parse(block, BlockType::kPayloadFeedback, kFmtFir, r);
  if (!header) return unexpected(header.error());
  if (r.remaining() == 0 || r.remaining() % kEntrySize != 0) return unexpected(MessageError::kTruncated);
  Fir fir;
  fir.sender_ = header->sender;
  fir.entries_ = r.rest();
  return fir;
}

FirEntry Fir::at(size_t i) const {
  CHECK(i < size());
  ByteReader r(entries_.subspan(i * kEntrySize, kEntrySize));
  uint32_t media = 0;
  FirEntry entry;
  CHECK(r.read_u32(media) && r.read_u8(entry.number));
  entry.media = Ssrc(media);
  return entry;
}

// RFC 5104 §4.3.1.2: the media SSRC of the common header is unused and zero.
void write_fir(ByteWriter& w, Ssrc sender, FirEntry entry) {
  FeedbackHeader{sender, Ssrc(0)}.write(w, BlockType::kPayloadFeedback, kFmtFir, kEntrySize);
  w.u32(entry.media.value());
  w.u8(entry.number);
  w.u24(0);
}

}  // namespace footlight::rtp::rtcp
