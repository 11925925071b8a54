#pragma once
#include <string_view>

namespace footlight::http {

// The reason phrase of a status code (RFC 9110 §15, RFC 6585); "Unknown" for others.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace footlight::http
