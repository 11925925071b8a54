#include "codec/h264.h"

#include <array>
#include <cstring>

namespace footlight::codec {
namespace {

struct StartCode {
  size_t at = 0;  // where 00 00 01 begins
  bool found = false;
};

StartCode find_start_code(ByteView bytes, size_t from) {
  // The third byte decides how far to jump: this looks at a third of the bytes of a large slice.
  for (size_t i = from + 2; i < bytes.size();) {
    if (bytes[i] > 1) {
      i += 3;
    } else if (bytes[i] == 0) {
      ++i;
    } else if (bytes[i - 1] == 0 && bytes[i - 2] == 0) {
      return {i - 2, true};
    } else {
      i += 3;
    }
  }
  return {bytes.size(), false};
}

ByteView without_trailing_zeros(ByteView nal) {
  while (!nal.empty() && nal.back() == 0) nal = nal.first(nal.size() - 1);
  return nal;
}

bool belongs_in_sample(ByteView nal) {
  switch (nal_type(nal)) {
    case NalType::kSps:
    case NalType::kPps:
    case NalType::kAccessUnitDelimiter:
    case NalType::kFiller:
    case NalType::kEndOfSequence:
    case NalType::kEndOfStream:
      return false;
    default:
      return true;
  }
}

}  // namespace

NalReader::NalReader(ByteView annex_b) {
  StartCode first = find_start_code(annex_b, 0);
  if (first.found) rest_ = annex_b.subspan(first.at);
}

bool NalReader::next(ByteView& nal) {
  constexpr size_t kShortStartCode = 3;
  while (!rest_.empty()) {
    StartCode following = find_start_code(rest_, kShortStartCode);
    ByteView unit = without_trailing_zeros(rest_.subspan(kShortStartCode, following.at - kShortStartCode));
    rest_ = following.found ? rest_.subspan(following.at) : ByteView{};
    if (unit.empty()) continue;
    nal = unit;
    return true;
  }
  return false;
}

// first_mb_in_slice is ue(v): zero is the single bit 1 behind the NAL header.
bool opens_picture(ByteView slice) { return slice.size() >= 2 && slice[1] >> 7; }

AccessUnitInfo inspect_access_unit(ByteView annex_b) {
  AccessUnitInfo info;
  NalReader reader(annex_b);
  for (ByteView nal; reader.next(nal);) {
    switch (nal_type(nal)) {
      case NalType::kIdr:
        info.idr = true;
        break;
      case NalType::kSps:
        info.sps = nal;
        break;
      case NalType::kPps:
        info.pps = nal;
        break;
      default:
        break;
    }
  }
  return info;
}

std::vector<uint8_t> build_avcc(ByteView sps, ByteView pps) {
  if (sps.size() < 4) return {};
  ByteBuffer out;
  out.u8(1);                     // configurationVersion
  out.bytes(sps.subspan(1, 3));  // profile, compatibility, level
  out.u8(0xfc | 3);              // lengthSizeMinusOne
  out.u8(0xe0 | 1);              // one SPS
  out.u16(sps.size());
  out.bytes(sps);
  out.u8(pps.empty() ? 0 : 1);
  if (!pps.empty()) {
    out.u16(pps.size());
    out.bytes(pps);
  }
  // §5.3.3.1.2: the High profiles add chroma format and bit depths; 4:2:0 with 8 bits is all that we make.
  constexpr std::array<uint8_t, 4> kHighProfiles = {100, 110, 122, 144};
  if (std::find(kHighProfiles.begin(), kHighProfiles.end(), sps[1]) != kHighProfiles.end()) {
    out.u8(0xfc | 1);
    out.u8(0xf8);
    out.u8(0xf8);
    out.u8(0);
  }
  return out.take();
}

std::vector<uint8_t> annex_b_to_length_prefixed(ByteView annex_b) {
  ByteBuffer out;
  NalReader reader(annex_b);
  for (ByteView nal; reader.next(nal);) {
    if (!belongs_in_sample(nal)) continue;
    out.u32(nal.size());
    out.bytes(nal);
  }
  return out.take();
}

}  // namespace footlight::codec
