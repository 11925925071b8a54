#include "fmp4/avc.h"

#include <optional>

namespace footlight::fmp4 {
namespace {

// nal_unit_type (ITU-T H.264 table 7-1).
constexpr uint8_t kNalSps = 7;
constexpr uint8_t kNalPps = 8;
constexpr uint8_t kNalAccessUnitDelimiter = 9;

uint8_t nal_type(ByteView nal) { return nal[0] & 0x1f; }

// Position of the next 00 00 01 at or after `from`, or the size when there is none.
size_t find_start_code(ByteView bytes, size_t from) {
  for (size_t i = from; i + 3 <= bytes.size(); ++i) {
    if (bytes[i + 2] > 1) {
      i += 2;
      continue;
    }
    if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) return i;
  }
  return bytes.size();
}

// Walks the NAL units of a byte stream (ITU-T H.264 annex B.1); trailing zero bytes belong to no unit.
class NalWalker {
 public:
  explicit NalWalker(ByteView bytes) : bytes_(bytes), at_(find_start_code(bytes, 0)) {}
  std::optional<ByteView> next() {
    while (at_ < bytes_.size()) {
      size_t begin = at_ + 3;
      at_ = find_start_code(bytes_, begin);
      size_t end = at_;
      while (end > begin && bytes_[end - 1] == 0) --end;
      if (end > begin) return bytes_.subspan(begin, end - begin);
    }
    return std::nullopt;
  }

 private:
  ByteView bytes_;
  size_t at_;
};

// Profiles whose configuration record ends with chroma format and bit depths (ISO/IEC 14496-15 §5.3.3.1.2).
bool has_chroma_fields(uint8_t profile) { return profile == 100 || profile == 110 || profile == 122 || profile == 144; }

}  // namespace

std::vector<uint8_t> build_avc_config(ByteView sps, ByteView pps) {
  constexpr size_t kProfileBytes = 4;  // NAL header, profile, constraints, level
  if (sps.size() < kProfileBytes || pps.empty() || sps.size() > UINT16_MAX || pps.size() > UINT16_MAX) return {};
  ByteBuffer out;
  out.u8(1);                     // configurationVersion
  out.bytes(sps.subspan(1, 3));  // AVCProfileIndication, profile_compatibility, AVCLevelIndication
  out.u8(0xfc | 3);              // reserved, lengthSizeMinusOne
  out.u8(0xe0 | 1);              // reserved, numOfSequenceParameterSets
  out.u16(sps.size());
  out.bytes(sps);
  out.u8(1);  // numOfPictureParameterSets
  out.u16(pps.size());
  out.bytes(pps);
  if (has_chroma_fields(sps[1])) {
    out.u8(0xfc | 1);  // reserved, chroma_format: 4:2:0
    out.u8(0xf8);      // reserved, bit_depth_luma_minus8
    out.u8(0xf8);      // reserved, bit_depth_chroma_minus8
    out.u8(0);         // numOfSequenceParameterSetExt
  }
  return out.take();
}

std::vector<uint8_t> build_avc_config_from_annex_b(ByteView annex_b) {
  ByteView sps, pps;
  NalWalker walker(annex_b);
  while (auto nal = walker.next()) {
    if (nal_type(*nal) == kNalSps && sps.empty()) sps = *nal;
    if (nal_type(*nal) == kNalPps && pps.empty()) pps = *nal;
  }
  return build_avc_config(sps, pps);
}

size_t append_length_prefixed(ByteView annex_b, std::vector<uint8_t>& out) {
  size_t before = out.size();
  NalWalker walker(annex_b);
  while (auto nal = walker.next()) {
    uint8_t type = nal_type(*nal);
    if (type == kNalSps || type == kNalPps || type == kNalAccessUnitDelimiter) continue;
    auto size = static_cast<uint32_t>(nal->size());
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(size >> shift));
    out.insert(out.end(), nal->begin(), nal->end());
  }
  return out.size() - before;
}

}  // namespace footlight::fmp4
