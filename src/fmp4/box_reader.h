#pragma once
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace footlight::fmp4 {

// Four-character code as it stands in the file.
[[nodiscard]] constexpr uint32_t fourcc(const char (&name)[5]) {
  uint32_t v = 0;
  for (int i = 0; i < 4; ++i) v = v << 8 | static_cast<uint8_t>(name[i]);
  return v;
}

enum class ReadError {
  kTruncated,     // ends inside a box or a field
  kBadSize,       // a box smaller than its header or larger than what holds it
  kUnexpected,    // a box that may not stand here, or one twice
  kMissing,       // a box that must be there is not
  kUnsupported,   // a version, an offset or a track layout that we do not write or take
  kInconsistent,  // sample sizes and media data do not agree
};
[[nodiscard]] std::string_view sentence(ReadError e);

struct Box {
  uint32_t type = 0;
  ByteView payload;  // after the header
  ByteView whole;    // header included
};

// Walks the boxes of one level (ISO/IEC 14496-12 §4.2). Views into the caller's bytes; 64-bit sizes are read, "to the
// end of the file" (size 0) is refused: a part has a known length.
class BoxReader {
 public:
  explicit BoxReader(ByteView bytes) : reader_(bytes) {}
  [[nodiscard]] bool done() const { return reader_.remaining() == 0; }
  [[nodiscard]] Result<Box, ReadError> next();

 private:
  ByteReader reader_;
};

// The only child of `type` in `payload`; kMissing or kUnexpected when there is none or a second one.
[[nodiscard]] Result<Box, ReadError> only_child(ByteView payload, uint32_t type);

}  // namespace footlight::fmp4
