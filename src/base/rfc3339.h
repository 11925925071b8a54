#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace footlight {

// "2026-11-22T15:04:05.123Z": UTC, always three decimals (RFC 3339 §5.6).
[[nodiscard]] std::string to_rfc3339(WallTime t);
// Accepts any offset and fraction; nullopt when the text is no date-time.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace footlight
