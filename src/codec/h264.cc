#include "codec/h264.h"

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

}  // namespace footlight::codec
