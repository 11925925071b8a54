#pragma once
#include "libav/picture.h"

namespace footlight::compose {

// The picture turned clockwise by 0, 90, 180 or 270 degrees, in memory of its own (the same picture for 0). Phones send
// what their sensor sees and say by a header extension how it is to be turned (3GPP TS 26.114 §7.4.5).
[[nodiscard]] libav::Picture turned(const libav::Picture& picture, int clockwise_degrees);

}  // namespace footlight::compose
