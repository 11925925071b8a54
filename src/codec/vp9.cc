#include "codec/vp9.h"

#include "codec/bit_reader.h"

namespace footlight::codec {
namespace {

constexpr uint32_t kFrameMarker = 2;        // §7.2
constexpr uint32_t kSyncCode = 0x49'83'42;  // §6.2.1
constexpr uint32_t kRgb = 7;                // color_space CS_RGB, §7.2.2

// color_config, §6.2.2: only to get past it.
bool skip_colour(BitReader& r, uint8_t profile) {
  const bool odd = profile & 1;  // 1 and 3: other subsampling than 4:2:0
  uint32_t space = 0;
  if (profile >= 2 && !r.skip(1)) return false;  // ten_or_twelve_bit
  if (!r.read(3, space)) return false;
  if (space == kRgb) return !odd || r.skip(1);
  return r.skip(odd ? 4 : 1);  // color_range; subsampling_x, subsampling_y, reserved
}

}  // namespace

std::optional<Vp9FrameHeader> Vp9FrameHeader::parse(ByteView frame) {
  BitReader r(frame);
  Vp9FrameHeader header;
  uint32_t marker = 0;
  uint32_t value = 0;
  bool bit = false;
  if (!r.read(2, marker) || marker != kFrameMarker || !r.read(2, value)) return std::nullopt;
  header.profile = static_cast<uint8_t>((value & 1) << 1 | value >> 1);  // the low bit comes first
  if (header.profile == 3 && !r.skip(1)) return std::nullopt;
  if (!r.flag(bit)) return std::nullopt;
  if (bit) {  // show_existing_frame
    header.shown = true;
    return header;
  }
  bool inter = false;
  if (!r.flag(inter) || !r.flag(header.shown) || !r.skip(1)) return std::nullopt;  // error_resilient_mode
  header.key = !inter;
  if (inter) return header;
  uint32_t width = 0;
  uint32_t height = 0;
  if (!r.read(24, value) || value != kSyncCode || !skip_colour(r, header.profile) || !r.read(16, width) ||
      !r.read(16, height))
    return std::nullopt;
  header.size = PictureSize{static_cast<int>(width) + 1, static_cast<int>(height) + 1};
  return header;
}

}  // namespace footlight::codec
