#pragma once
#include <cstdint>
#include <string>

#include "state/programme.h"

namespace footlight::hls {

// What the multivariant playlist says of the one rendition there is.
struct VariantForm {
  std::string uri;     // "720p/index.m3u8"
  std::string codecs;  // RFC 6381
  int64_t peak_bps = 0;
  int64_t average_bps = 0;
  int width = 0, height = 0, fps = 0;
  bool with_token = false;
};

// rfc8216bis §4.4.6.2. All programmes are SDR without captions.
[[nodiscard]] std::string build_multivariant_playlist(const VariantForm& form);

// What compose encodes when no init segment has come yet: Main profile, the level that x264 picks for the canvas.
[[nodiscard]] std::string expected_codecs(const state::Canvas& canvas);

// Bits a second on the wire of a rendition as configured: video at its peak or mean, audio, and fMP4's overhead.
struct RateForecast {
  int64_t peak_bps = 0;
  int64_t average_bps = 0;
};
[[nodiscard]] RateForecast forecast_rates(const state::Rendition& rendition);

}  // namespace footlight::hls
