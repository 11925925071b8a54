#pragma once
#include <string>

#include "base/units.h"

namespace footlight::compose {

// "2026-11-22T15:04:05.123456Z": RFC 3339 with microseconds, as ingest carries it (base/rfc3339.h stops at three).
[[nodiscard]] std::string to_rfc3339_micros(WallTime t);

}  // namespace footlight::compose
