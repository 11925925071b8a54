#include "codec/h264_sps.h"

#include <array>

#include "codec/bit_reader.h"
#include "codec/h264.h"

namespace footlight::codec {
namespace {

constexpr size_t kMaxSpsBytes = 512;        // real ones have under 100; scaling lists at worst about 400
constexpr uint32_t kMaxMacroblocks = 1024;  // 16384 pixels a side: beyond level 6.2

// Emulation prevention (ITU-T H.264 §7.4.1.1): 00 00 03 stands for 00 00.
struct RawPayload {
  std::array<uint8_t, kMaxSpsBytes> bytes;
  size_t size = 0;
};
void unescape(ByteView nal, RawPayload& out) {
  size_t zeros = 0;
  for (uint8_t b : nal) {
    if (out.size == out.bytes.size()) return;
    if (zeros >= 2 && b == 3) {
      zeros = 0;
      continue;
    }
    zeros = b == 0 ? zeros + 1 : 0;
    out.bytes[out.size++] = b;
  }
}

bool has_chroma_fields(uint8_t profile_idc) {  // §7.3.2.1.1
  for (int p : {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
    if (p == profile_idc) return true;
  return false;
}

bool skip_scaling_list(BitReader& r, int entries) {  // §7.3.2.1.1.1
  int32_t last = 8;
  int32_t next = 8;
  for (int i = 0; i < entries; ++i) {
    if (next != 0) {
      int32_t delta = 0;
      if (!r.signed_exp_golomb(delta)) return false;
      next = static_cast<int32_t>((int64_t{last} + delta + 256) & 0xff);
    }
    last = next == 0 ? last : next;
  }
  return true;
}

bool skip_scaling_matrix(BitReader& r, uint32_t chroma_format_idc) {
  int lists = chroma_format_idc == 3 ? 12 : 8;
  for (int i = 0; i < lists; ++i) {
    bool present = false;
    if (!r.flag(present)) return false;
    if (present && !skip_scaling_list(r, i < 6 ? 16 : 64)) return false;
  }
  return true;
}

Result<void, SpsError> read_chroma(BitReader& r, Sps& sps, bool& separate_planes) {
  uint32_t chroma = 0;
  uint32_t luma_depth = 0;
  uint32_t chroma_depth = 0;
  bool scaling = false;
  if (!r.exp_golomb(chroma)) return unexpected(SpsError::kTruncated);
  if (chroma > 3) return unexpected(SpsError::kBadValue);
  if (chroma == 3 && !r.flag(separate_planes)) return unexpected(SpsError::kTruncated);
  if (!r.exp_golomb(luma_depth) || !r.exp_golomb(chroma_depth) || !r.skip(1) || !r.flag(scaling))
    return unexpected(SpsError::kTruncated);
  if (luma_depth > 6 || chroma_depth > 6) return unexpected(SpsError::kBadValue);
  if (scaling && !skip_scaling_matrix(r, chroma)) return unexpected(SpsError::kTruncated);
  sps.chroma_format_idc = static_cast<uint8_t>(chroma);
  sps.bit_depth_luma = static_cast<uint8_t>(8 + luma_depth);
  return {};
}

bool skip_picture_order(BitReader& r) {
  uint32_t type = 0;
  uint32_t number = 0;
  int32_t offset = 0;
  if (!r.exp_golomb(type)) return false;
  if (type == 0) return r.exp_golomb(number);
  if (type != 1) return true;
  if (!r.skip(1) || !r.signed_exp_golomb(offset) || !r.signed_exp_golomb(offset) || !r.exp_golomb(number)) return false;
  if (number > 255) return false;
  for (uint32_t i = 0; i < number; ++i)
    if (!r.signed_exp_golomb(offset)) return false;
  return true;
}

Result<void, SpsError> read_dimensions(BitReader& r, Sps& sps, bool separate_planes) {
  uint32_t width = 0;
  uint32_t height = 0;
  bool frames_only = false;
  bool cropped = false;
  if (!r.exp_golomb(width) || !r.exp_golomb(height) || !r.flag(frames_only)) return unexpected(SpsError::kTruncated);
  if (width >= kMaxMacroblocks || height >= kMaxMacroblocks) return unexpected(SpsError::kBadValue);
  if (!frames_only && !r.skip(1)) return unexpected(SpsError::kTruncated);
  if (!r.skip(1) || !r.flag(cropped)) return unexpected(SpsError::kTruncated);
  uint32_t crop[4] = {};  // left, right, top, bottom
  if (cropped)
    for (uint32_t& c : crop)
      if (!r.exp_golomb(c)) return unexpected(SpsError::kTruncated);
  // §7.4.2.1.1, equations 7-19 to 7-22
  uint32_t chroma = separate_planes ? 0 : sps.chroma_format_idc;
  int64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
  int64_t unit_y = (chroma == 1 ? 2 : 1) * (frames_only ? 1 : 2);
  int64_t cropped_width = (int64_t{width} + 1) * 16 - unit_x * (int64_t{crop[0]} + crop[1]);
  int64_t cropped_height = (int64_t{height} + 1) * 16 * (frames_only ? 1 : 2) - unit_y * (int64_t{crop[2]} + crop[3]);
  if (cropped_width <= 0 || cropped_height <= 0) return unexpected(SpsError::kBadValue);
  sps.width = static_cast<int>(cropped_width);
  sps.height = static_cast<int>(cropped_height);
  sps.interlaced = !frames_only;
  return {};
}

bool read_colour(BitReader& r, VideoColour& colour) {  // video_signal_type, §E.1.1
  bool described = false;
  uint32_t primaries = 2;
  uint32_t transfer = 2;
  uint32_t matrix = 2;
  if (!r.skip(3) || !r.flag(colour.full_range) || !r.flag(described)) return false;
  if (described && (!r.read(8, primaries) || !r.read(8, transfer) || !r.read(8, matrix))) return false;
  colour.primaries = static_cast<uint8_t>(primaries);
  colour.transfer = static_cast<uint8_t>(transfer);
  colour.matrix = static_cast<uint8_t>(matrix);
  return true;
}

bool skip_hrd(BitReader& r) {  // §E.1.2
  uint32_t count = 0;
  uint32_t value = 0;
  if (!r.exp_golomb(count) || count > 31 || !r.skip(8)) return false;
  for (uint32_t i = 0; i <= count; ++i)
    if (!r.exp_golomb(value) || !r.exp_golomb(value) || !r.skip(1)) return false;
  return r.skip(20);
}

// §E.1.1. Encoders exist that cut the VUI short: what is missing keeps its default and the SPS stays good.
bool read_vui(BitReader& r, Sps& sps) {
  constexpr uint32_t kExtendedSar = 255;
  bool present = false;
  uint32_t value = 0;
  if (!r.flag(present)) return false;  // aspect_ratio_info
  if (present && (!r.read(8, value) || (value == kExtendedSar && !r.skip(32)))) return false;
  if (!r.flag(present) || (present && !r.skip(1))) return false;                   // overscan
  if (!r.flag(present) || (present && !read_colour(r, sps.colour))) return false;  // video_signal_type
  if (!r.flag(present) || (present && (!r.exp_golomb(value) || !r.exp_golomb(value)))) return false;  // chroma_loc
  if (!r.flag(present) || (present && !r.skip(65))) return false;                                     // timing
  bool nal_hrd = false;
  bool vcl_hrd = false;
  if (!r.flag(nal_hrd) || (nal_hrd && !skip_hrd(r))) return false;
  if (!r.flag(vcl_hrd) || (vcl_hrd && !skip_hrd(r))) return false;
  if ((nal_hrd || vcl_hrd) && !r.skip(1)) return false;
  if (!r.skip(1) || !r.flag(present)) return false;  // pic_struct, bitstream_restriction
  if (!present) return true;
  if (!r.skip(1)) return false;
  for (int i = 0; i < 4; ++i)  // max bytes, max bits, motion vector lengths
    if (!r.exp_golomb(value)) return false;
  return r.exp_golomb(sps.reorder_frames);
}

}  // namespace

Result<Sps, SpsError> Sps::parse(ByteView nal) {
  if (nal.empty() || nal_type(nal) != NalType::kSps) return unexpected(SpsError::kNotSps);
  RawPayload raw;
  unescape(nal.subspan(1), raw);
  BitReader r(ByteView(raw.bytes).first(raw.size));
  Sps sps;
  uint32_t profile = 0;
  uint32_t constraints = 0;
  uint32_t level = 0;
  uint32_t id = 0;
  if (!r.read(8, profile) || !r.read(8, constraints) || !r.read(8, level) || !r.exp_golomb(id))
    return unexpected(SpsError::kTruncated);
  sps.profile_idc = static_cast<uint8_t>(profile);
  sps.constraint_flags = static_cast<uint8_t>(constraints);
  sps.level_idc = static_cast<uint8_t>(level);
  bool separate_planes = false;
  if (has_chroma_fields(sps.profile_idc))
    if (auto chroma = read_chroma(r, sps, separate_planes); !chroma) return unexpected(chroma.error());
  uint32_t frame_num_bits = 0;
  if (!r.exp_golomb(frame_num_bits) || !skip_picture_order(r) || !r.exp_golomb(sps.max_ref_frames) || !r.skip(1))
    return unexpected(SpsError::kTruncated);
  if (auto dimensions = read_dimensions(r, sps, separate_planes); !dimensions) return unexpected(dimensions.error());
  bool vui = false;
  if (!r.flag(vui)) return unexpected(SpsError::kTruncated);
  if (vui) read_vui(r, sps);
  return sps;
}

}  // namespace footlight::codec
