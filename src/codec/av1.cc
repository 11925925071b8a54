#include "codec/av1.h"

#include "codec/bit_reader.h"

namespace footlight::codec {
namespace {

// timing_info and decoder_model_info, §5.5.3, §5.5.4. `delay_bits` of the operating points; 0: no decoder model.
bool skip_timing(BitReader& r, uint32_t& delay_bits) {
  bool present = false;
  bool equal_interval = false;
  bool model = false;
  uint32_t ticks = 0;
  if (!r.flag(present)) return false;
  if (!present) return true;
  if (!r.skip(64) || !r.flag(equal_interval)) return false;
  if (equal_interval && !r.exp_golomb(ticks)) return false;  // uvlc() has the code of ue(v)
  if (!r.flag(model)) return false;
  if (!model) return true;
  uint32_t length = 0;
  if (!r.read(5, length) || !r.skip(32 + 5 + 5)) return false;
  delay_bits = length + 1;
  return true;
}

// One of the operating points of §5.5.1.
bool skip_operating_point(BitReader& r, uint32_t delay_bits, bool display_delay) {
  constexpr uint32_t kLastLevelWithoutTier = 7;
  uint32_t level = 0;
  bool present = false;
  if (!r.skip(12) || !r.read(5, level)) return false;
  if (level > kLastLevelWithoutTier && !r.skip(1)) return false;
  if (delay_bits > 0) {
    if (!r.flag(present)) return false;
    if (present && !r.skip(2 * size_t{delay_bits} + 1)) return false;  // §5.5.5
  }
  if (!display_delay) return true;
  return r.flag(present) && (!present || r.skip(4));
}

bool skip_operating_points(BitReader& r) {
  uint32_t delay_bits = 0;
  uint32_t last = 0;
  bool display_delay = false;
  if (!skip_timing(r, delay_bits) || !r.flag(display_delay) || !r.read(5, last)) return false;
  for (uint32_t i = 0; i <= last; ++i)
    if (!skip_operating_point(r, delay_bits, display_delay)) return false;
  return true;
}

}  // namespace

//  0 1 2 3 4 5 6 7      §5.3.2
// |F| type  |X|S|R|     X: an extension byte follows; S: then the size, in leb128
std::optional<Obu> Obu::parse(ByteView bytes) {
  ByteReader r(bytes);
  uint8_t first = 0;
  if (!r.read_u8(first) || first & 0x80) return std::nullopt;
  const bool extended = first & 0x04;
  if (extended && !r.skip(1)) return std::nullopt;
  Obu obu{static_cast<ObuType>(first >> 3 & 0x0f), bytes.first(extended ? 2 : 1), {}};
  if (!(first & kObuHasSize)) {
    obu.payload = r.rest();
    return obu;
  }
  auto size = read_leb128(r);
  if (!size || !r.read_bytes(*size, obu.payload)) return std::nullopt;
  return obu;
}

std::optional<uint32_t> read_leb128(ByteReader& r) {
  constexpr unsigned kMaxBytes = 8;
  uint64_t value = 0;
  for (unsigned i = 0; i < kMaxBytes; ++i) {
    uint8_t byte = 0;
    if (!r.read_u8(byte)) return std::nullopt;
    value |= uint64_t{byte & 0x7fU} << (7 * i);
    if (byte & 0x80) continue;
    if (value > UINT32_MAX) return std::nullopt;
    return static_cast<uint32_t>(value);
  }
  return std::nullopt;
}

std::optional<Av1SequenceHeader> Av1SequenceHeader::parse(ByteView payload) {
  BitReader r(payload);
  Av1SequenceHeader header;
  uint32_t profile = 0;
  bool reduced = false;
  if (!r.read(3, profile) || !r.skip(1) || !r.flag(reduced)) return std::nullopt;
  if (reduced ? !r.skip(5) : !skip_operating_points(r)) return std::nullopt;
  uint32_t width_bits = 0;
  uint32_t height_bits = 0;
  uint32_t width = 0;
  uint32_t height = 0;
  if (!r.read(4, width_bits) || !r.read(4, height_bits) || !r.read(width_bits + 1, width) ||
      !r.read(height_bits + 1, height))
    return std::nullopt;
  header.profile = static_cast<uint8_t>(profile);
  header.max_size = {static_cast<int>(width) + 1, static_cast<int>(height) + 1};
  return header;
}

//  show_existing_frame f(1), frame_type f(2): 0 is KEY_FRAME
bool opens_key_frame(const Obu& obu) {
  if (obu.type != ObuType::kFrame && obu.type != ObuType::kFrameHeader) return false;
  return !obu.payload.empty() && (obu.payload[0] & 0xe0) == 0;
}

}  // namespace footlight::codec
