#pragma once
#include <string_view>

namespace footlight {

// RFC 3629 §4: shortest forms only, no surrogates, nothing beyond U+10FFFF. JSON can hold no other text.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace footlight
