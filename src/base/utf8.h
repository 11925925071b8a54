#pragma once
#include <string>
#include <string_view>

namespace footlight {

// RFC 3629 §4: shortest forms only, no surrogates, nothing beyond U+10FFFF. JSON can hold no other text.
[[nodiscard]] bool is_utf8(std::string_view text);

// Appends `text` as a JSON string (RFC 8259 §7), control characters escaped: a peer's bytes never break a document, a
// line or a terminal. Of text that is no UTF-8, each byte beyond ASCII becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace footlight
