#pragma once
#include <cstdint>
#include <optional>
#include <vector>

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

// What an access unit holds, by one walk over it.
struct AccessUnitInfo {
  bool idr = false;
  ByteView sps;  // the last of each; empty: none
  ByteView pps;
};
[[nodiscard]] AccessUnitInfo inspect_access_unit(ByteView annex_b);

// The AVCDecoderConfigurationRecord of an avcC box (ISO/IEC 14496-15 §5.3.3.1), four-byte lengths. Empty if `sps` is
// shorter than four bytes.
[[nodiscard]] std::vector<uint8_t> build_avcc(ByteView sps, ByteView pps);

// Annex B to four-byte lengths as samples of an mp4 want them; parameter sets, delimiters and filler are left out.
[[nodiscard]] std::vector<uint8_t> annex_b_to_length_prefixed(ByteView annex_b);

}  // namespace footlight::codec
