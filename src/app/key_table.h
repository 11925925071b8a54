#pragma once
#include <string_view>
#include <vector>

#include "base/config_key.h"

namespace footlight::app {

// Every key there is: app's own and those that the folders declare in their config.h, in the order of the
// documentation.
[[nodiscard]] const std::vector<ConfigKey>& all_keys();
[[nodiscard]] const ConfigKey* find_key(std::string_view name);

// Sections that the contract names and this version does not build. Their keys are refused, never ignored.
[[nodiscard]] bool is_later_section(std::string_view section);

}  // namespace footlight::app
