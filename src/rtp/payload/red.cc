#include "rtp/payload/red.h"

namespace footlight::rtp {

// RFC 2198 §3, headers first, then the blocks:
// |1| PT:7 | timestamp offset:14 | length:10 |   each redundant block
// |0| PT:7 |                                     the primary one, which takes what is left
Result<RedView, RedError> RedView::parse(ByteView payload) {
  ByteReader r(payload);
  RedView view;
  std::array<uint16_t, kMaxRedundant> lengths{};
  uint8_t head = 0;
  for (;;) {
    if (!r.read_u8(head)) return unexpected(RedError::kTruncated);
    if (!(head & 0x80)) break;
    uint32_t rest = 0;
    if (!r.read_u24(rest)) return unexpected(RedError::kTruncated);
    if (view.count_ == kMaxRedundant) return unexpected(RedError::kTooManyBlocks);
    lengths[view.count_] = static_cast<uint16_t>(rest & 0x3ff);
    Block& block = view.blocks_[view.count_++];
    block.payload_type = PayloadType(head & 0x7f);
    block.time_offset = static_cast<uint16_t>(rest >> 10);
  }
  view.primary_type_ = PayloadType(head & 0x7f);
  for (size_t i = 0; i < view.count_; ++i)
    if (!r.read_bytes(lengths[i], view.blocks_[i].data)) return unexpected(RedError::kTruncated);
  view.primary_ = r.rest();
  return view;
}

}  // namespace footlight::rtp
