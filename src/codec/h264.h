#pragma once
#include <cstdint>

#include "base/bytes.h"

// H.264 on the level of NAL units (ITU-T H.264 §7.3.1, Annex B).
namespace footlight::codec {

enum class NalType : uint8_t {  // table 7-1
  kSlice = 1,
  kIdr = 5,
  kSei = 6,
  kSps = 7,
  kPps = 8,
  kAccessUnitDelimiter = 9,
  kEndOfSequence = 10,
  kEndOfStream = 11,
  kFiller = 12,
};

// `nal` is not empty.
[[nodiscard]] inline NalType nal_type(ByteView nal) { return static_cast<NalType>(nal[0] & 0x1f); }

// Walks the NAL units of an Annex B byte stream, without start codes and trailing zeros; empty units are passed over.
class NalReader {
 public:
  explicit NalReader(ByteView annex_b);
  [[nodiscard]] bool next(ByteView& nal);
  [[nodiscard]] ByteView rest() const { return rest_; }  // behind the unit that next() gave, itself Annex B

 private:
  ByteView rest_;
};

inline constexpr uint8_t kStartCode[] = {0, 0, 0, 1};

// Does a slice NAL unit open its picture (first_mb_in_slice is 0, §7.3.3)?
[[nodiscard]] bool opens_picture(ByteView slice);

}  // namespace footlight::codec
