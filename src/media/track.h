#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace footlight::media {

enum class Kind { kAudio, kVideo };
enum class Codec { kH264, kVp8, kVp9, kAv1, kOpus, kAac };

[[nodiscard]] constexpr Kind kind_of(Codec c) {
  return c == Codec::kOpus || c == Codec::kAac ? Kind::kAudio : Kind::kVideo;
}
[[nodiscard]] constexpr std::string_view name_of(Kind k) { return k == Kind::kAudio ? "audio" : "video"; }
// Lower-case names as in state documents; SDP's spelling is sdp's affair.
[[nodiscard]] constexpr std::string_view name_of(Codec c) {
  switch (c) {
    case Codec::kH264:
      return "h264";
    case Codec::kVp8:
      return "vp8";
    case Codec::kVp9:
      return "vp9";
    case Codec::kAv1:
      return "av1";
    case Codec::kOpus:
      return "opus";
    case Codec::kAac:
      return "aac";
  }
  return "";
}
[[nodiscard]] constexpr std::optional<Codec> codec_named(std::string_view name) {
  for (Codec c : {Codec::kH264, Codec::kVp8, Codec::kVp9, Codec::kAv1, Codec::kOpus, Codec::kAac})
    if (name_of(c) == name) return c;
  return std::nullopt;
}

}  // namespace footlight::media
