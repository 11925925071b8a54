#include "rtp/rtcp/compound.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr size_t kHeaderSize = 4;
constexpr uint8_t kVersion = 2;
constexpr uint8_t kPaddingBit = 0x20;

//  0                   1                   2                   3      RFC 3550 §6.4.1
// |V=2|P|   RC    |      PT       |   length in words minus one   |
Result<Block, CompoundError> read_block(ByteReader& reader) {
  uint8_t first = 0;
  uint8_t type = 0;
  uint16_t words = 0;
  ByteView body;
  if (!reader.read_u8(first) || !reader.read_u8(type) || !reader.read_u16(words))
    return unexpected(CompoundError::kTruncated);
  if (first >> 6 != kVersion) return unexpected(CompoundError::kBadVersion);
  if (!reader.read_bytes(size_t{words} * 4, body)) return unexpected(CompoundError::kTruncated);
  if (first & kPaddingBit) {
    if (body.empty() || body.back() == 0 || body.back() > body.size()) return unexpected(CompoundError::kBadPadding);
    body = body.first(body.size() - body.back());
  }
  return Block{static_cast<uint8_t>(first & 0x1f), static_cast<BlockType>(type), body};
}

}  // namespace

Result<CompoundReader, CompoundError> CompoundReader::parse(ByteView bytes) {
  if (bytes.empty()) return unexpected(CompoundError::kEmpty);
  ByteReader reader(bytes);
  while (reader.remaining() > 0)
    if (auto block = read_block(reader); !block) return unexpected(block.error());
  return CompoundReader(bytes);
}

bool CompoundReader::next(Block& out) {
  if (reader_.remaining() == 0) return false;
  auto block = read_block(reader_);
  if (!block) return false;
  out = *block;
  return true;
}

void write_block_header(ByteWriter& w, uint8_t count, BlockType type, size_t body_size) {
  w.u8(static_cast<uint8_t>(kVersion << 6 | (count & 0x1f)));
  w.u8(static_cast<uint8_t>(type));
  w.u16(static_cast<uint16_t>((body_size + kHeaderSize) / 4 - 1));
}

}  // namespace footlight::rtp::rtcp
