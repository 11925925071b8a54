#pragma once
#include "base/bytes.h"

namespace footlight::codec {

enum class ObuType : uint8_t { kSequenceHeader = 1, kTemporalDelimiter = 2, kFrameHeader = 3, kFrame = 6 };

// Does this temporal unit of OBUs with sizes (AV1 specification §5.3, low-overhead format) begin with what a decoder
// can start from: a sequence header? Encoders for real time repeat it with each key frame, and nowhere else.
[[nodiscard]] bool has_av1_sequence_header(ByteView temporal_unit);

}  // namespace footlight::codec
