#include "codec/vp9.h"

#include "codec/bit_reader.h"

namespace footlight::codec {

// |mark = 2: 2|profile low|profile high|(reserved if profile 3)|show_existing_frame|frame_type: 0 key|
bool is_vp9_key_frame(ByteView frame) {
  constexpr uint32_t kFrameMarker = 2;
  BitReader r(frame);
  uint32_t marker = 0;
  uint32_t profile = 0;
  bool show_existing = false;
  bool inter = false;
  if (!r.read(2, marker) || marker != kFrameMarker || !r.read(2, profile)) return false;
  if (profile == 3 && !r.skip(1)) return false;
  return r.flag(show_existing) && !show_existing && r.flag(inter) && !inter;
}

}  // namespace footlight::codec
