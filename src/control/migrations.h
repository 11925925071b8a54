#pragma once
#include <span>
#include <string_view>

namespace footlight::control {

// The database's versions, oldest first; an applied one is never edited.
[[nodiscard]] std::span<const std::string_view> migrations();

}  // namespace footlight::control
