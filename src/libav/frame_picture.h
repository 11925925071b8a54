#pragma once
#include "base/result.h"
#include "libav/codec_error.h"
#include "libav/handles.h"
#include "libav/picture.h"

namespace footlight::libav {

// A decoded frame as our picture: 8-bit 4:2:0 keeps the decoder's pixels, 4:2:2, 4:4:4 and 10 bits are copied into it.
// kUnsupported: any other format.
[[nodiscard]] Result<Picture, CodecError> picture_of(FramePtr frame);

}  // namespace footlight::libav
