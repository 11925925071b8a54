#pragma once
#include <string_view>

#include "libav/picture.h"

namespace footlight::compose {

// Before anyone was seen, and after.
inline constexpr std::string_view kStartingText = "Starting soon";
inline constexpr std::string_view kAwayText = "Back in a moment";

// The calm picture that stands in for a source: Footlight's ground, warm light from below, one line of text. Even size.
[[nodiscard]] libav::Picture render_slate(int width, int height, std::string_view text);

}  // namespace footlight::compose
