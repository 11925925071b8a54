#pragma once
#include <string>

namespace footlight::control {

// docs/openapi.yaml, as it was when this was built.
[[nodiscard]] std::string openapi_text();

}  // namespace footlight::control
