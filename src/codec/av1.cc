#include "codec/av1.h"

namespace footlight::codec {
namespace {

bool read_leb128(ByteReader& r, uint64_t& out) {  // AV1 specification §4.10.5
  uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) {
    uint8_t byte = 0;
    if (!r.read_u8(byte)) return false;
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (!(byte & 0x80)) {
      out = value;
      return true;
    }
  }
  return false;
}

}  // namespace

bool has_av1_sequence_header(ByteView temporal_unit) {
  ByteReader r(temporal_unit);
  uint8_t header = 0;
  while (r.read_u8(header)) {
    auto type = static_cast<ObuType>(header >> 3 & 0x0f);
    if (type == ObuType::kSequenceHeader) return true;
    bool extended = header >> 2 & 1;
    bool sized = header >> 1 & 1;
    uint64_t size = 0;
    if (!sized || (extended && !r.skip(1)) || !read_leb128(r, size) || size > r.remaining() ||
        !r.skip(static_cast<size_t>(size)))
      return false;
  }
  return false;
}

}  // namespace footlight::codec
