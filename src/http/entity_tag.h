#pragma once
#include <string_view>

namespace footlight::http {

// RFC 9110 §13.1.1: whether an If-Match field is "*" or lists `tag` (quoted, as in ETag). The comparison is strong: a
// tag that a proxy weakened by W/ matches nothing.
[[nodiscard]] bool if_match_names(std::string_view field, std::string_view tag);

}  // namespace footlight::http
