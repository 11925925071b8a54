#pragma once
#include "base/bytes.h"

namespace footlight::codec {

// Is this VP9 frame (VP9 bitstream specification §6.2) a key frame? False for anything that is no VP9.
[[nodiscard]] bool is_vp9_key_frame(ByteView frame);

}  // namespace footlight::codec
