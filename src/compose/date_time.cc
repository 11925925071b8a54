#include "compose/date_time.h"

#include <fmt/format.h>

#include "base/rfc3339.h"

namespace footlight::compose {

std::string to_rfc3339_micros(WallTime t) {
  std::string text = to_rfc3339(t);
  text.pop_back();  // Z
  return fmt::format("{}{:03}Z", text, t.us() % 1000);
}

}  // namespace footlight::compose
