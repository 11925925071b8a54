#include "rtp/rtcp/sdes.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr uint8_t kItemEnd = 0;
constexpr uint8_t kItemCname = 1;

// A chunk: SSRC, items of |type: 8|length: 8| text …, a zero, and zeros to the next 32-bit border (§6.5).
bool read_chunk(ByteReader& r, SdesChunk& out) {
  uint32_t source = 0;
  if (!r.read_u32(source)) return false;
  out = {Ssrc(source), {}};
  size_t start = r.position();
  while (true) {
    uint8_t type = 0;
    uint8_t length = 0;
    ByteView text;
    if (!r.read_u8(type)) return false;
    if (type == kItemEnd) break;
    if (!r.read_u8(length) || !r.read_bytes(length, text)) return false;
    if (type == kItemCname) out.cname = as_text(text);
  }
  return r.skip((4 - (r.position() - start) % 4) % 4);
}

}  // namespace

Result<Sdes, MessageError> Sdes::parse(const Block& block) {
  if (block.type != BlockType::kSdes) return unexpected(MessageError::kWrongType);
  Sdes walk(block);
  SdesChunk chunk;
  for (size_t i = 0; i < block.count; ++i)
    if (!read_chunk(walk.reader_, chunk)) return unexpected(MessageError::kTruncated);
  return Sdes(block);
}

bool Sdes::next(SdesChunk& out) {
  if (left_ == 0) return false;
  --left_;
  return read_chunk(reader_, out);
}

void write_sdes_cname(ByteWriter& w, Ssrc source, std::string_view cname) {
  cname = cname.substr(0, 255);
  size_t items = 2 + cname.size() + 1;  // with the zero that ends them
  size_t padded = (items + 3) / 4 * 4;
  write_block_header(w, 1, BlockType::kSdes, 4 + padded);
  w.u32(source.value());
  w.u8(kItemCname);
  w.u8(static_cast<uint8_t>(cname.size()));
  w.bytes(as_bytes(cname));
  w.zeros(padded - items + 1);
}

}  // namespace footlight::rtp::rtcp
