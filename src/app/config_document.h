#pragma once
#include <string>

#include "app/config.h"

namespace footlight::app {

// Every key with default, unit, bounds and help; the first two with its value and where that came from. Secrets are
// never shown.
[[nodiscard]] std::string config_as_text(const Config& config);
[[nodiscard]] std::string config_as_json(const Config& config);  // for scripts: a list of objects
[[nodiscard]] std::string config_as_markdown();                  // docs/configuration.md

}  // namespace footlight::app
