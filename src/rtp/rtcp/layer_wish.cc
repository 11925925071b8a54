#include "rtp/rtcp/layer_wish.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr uint32_t kName = 0x464c5952;  // "FLYR"
constexpr size_t kBodySize = 16;        // sender, name, track, width and height

}  // namespace

Result<LayerWish, MessageError> LayerWish::parse(const Block& block) {
  if (block.type != BlockType::kApplicationDefined || block.count != 0) return unexpected(MessageError::kWrongType);
  ByteReader r(block.body);
  uint32_t sender = 0;
  uint32_t name = 0;
  uint32_t media = 0;
  LayerWish wish;
  if (!r.read_u32(sender) || !r.read_u32(name)) return unexpected(MessageError::kTruncated);
  if (name != kName) return unexpected(MessageError::kWrongType);
  if (!r.read_u32(media) || !r.read_u16(wish.width) || !r.read_u16(wish.height))
    return unexpected(MessageError::kTruncated);
  wish.sender = Ssrc(sender);
  wish.media = Ssrc(media);
  return wish;
}

void LayerWish::write(ByteWriter& w) const {
  write_block_header(w, 0, BlockType::kApplicationDefined, kBodySize);
  w.u32(sender.value());
  w.u32(kName);
  w.u32(media.value());
  w.u16(width);
  w.u16(height);
}

}  // namespace footlight::rtp::rtcp
