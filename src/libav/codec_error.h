#pragma once
#include <string_view>

namespace footlight::libav {

// What libavcodec's AVERRORs come down to for us.
enum class CodecError {
  kUnavailable,  // the library was built without this codec
  kSettings,     // it refuses the size, rate or profile asked for
  kCorrupt,      // the bytes are no valid picture or packet: drop them, go on
  kUnsupported,  // a picture or sound format that we do not take
  kInternal,     // out of memory and the like
};

[[nodiscard]] constexpr std::string_view sentence(CodecError e) {
  switch (e) {
    case CodecError::kUnavailable:
      return "the installed libavcodec lacks this codec; install Debian's libavcodec59";
    case CodecError::kSettings:
      return "the codec refused its settings";
    case CodecError::kCorrupt:
      return "the coded bytes are damaged";
    case CodecError::kUnsupported:
      return "only 8-bit 4:2:0 pictures are supported";
    case CodecError::kInternal:
      return "the codec failed inside, perhaps for want of memory";
  }
  return "";
}

}  // namespace footlight::libav
