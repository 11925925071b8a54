#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "codec/picture_size.h"

// AV1 on the level of OBUs (AV1 bitstream specification).
namespace footlight::codec {

enum class ObuType : uint8_t {  // §6.2.2
  kSequenceHeader = 1,
  kTemporalDelimiter = 2,
  kFrameHeader = 3,
  kTileGroup = 4,
  kMetadata = 5,
  kFrame = 6,
  kRedundantFrameHeader = 7,
  kTileList = 8,
  kPadding = 15,
};

inline constexpr uint8_t kObuHasSize = 0x02;  // §5.3.2

// One OBU taken apart, with or without its size field (§5.3.1 to §5.3.3).
struct Obu {
  ObuType type{};
  ByteView header;   // one byte, two with the extension
  ByteView payload;  // behind the size field, if there is one, and no longer than that says

  [[nodiscard]] static std::optional<Obu> parse(ByteView bytes);
};

// §4.10.5: at most eight bytes of seven bits, the low ones first. Values beyond 32 bits are refused.
[[nodiscard]] std::optional<uint32_t> read_leb128(ByteReader& r);

// As far as anyone here asks (§5.5.1).
struct Av1SequenceHeader {
  uint8_t profile = 0;
  PictureSize max_size;

  [[nodiscard]] static std::optional<Av1SequenceHeader> parse(ByteView payload);
};

// Does the payload of a frame or frame header OBU open a key frame (§5.9.2)? A sequence of still pictures with reduced
// headers does not occur in a call.
[[nodiscard]] bool opens_key_frame(const Obu& obu);

}  // namespace footlight::codec
