#include "hls/directives.h"

#include <charconv>

namespace footlight::hls {
namespace {

// Decimal digits only (a decimal-integer of RFC 8216 §4.2), far from overflow.
std::optional<int64_t> parse_number(std::string_view text) {
  constexpr size_t kMaxDigits = 15;
  int64_t value = 0;
  if (text.empty() || text.size() > kMaxDigits || text.front() == '-') return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_until(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view piece = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return piece;
}

}  // namespace

std::string_view sentence(DirectiveFault fault) {
  switch (fault) {
    case DirectiveFault::kNotANumber:
      return "_HLS_msn and _HLS_part must be whole numbers";
    case DirectiveFault::kPartWithoutMsn:
      return "_HLS_part needs _HLS_msn beside it";
    case DirectiveFault::kBadSkip:
      return "_HLS_skip must be YES or v2";
  }
  return "";
}

Result<Directives, DirectiveFault> parse_directives(std::string_view query) {
  Directives out;
  bool skip_seen = false;
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view name = take_until(value, '=');
    if (name == "_HLS_msn" || name == "_HLS_part") {
      std::optional<int64_t>& field = name == "_HLS_msn" ? out.msn : out.part;
      if (field) continue;
      field = parse_number(value);
      if (!field) return unexpected(DirectiveFault::kNotANumber);
    } else if (name == "_HLS_skip" && !skip_seen) {
      if (value != "YES" && value != "v2") return unexpected(DirectiveFault::kBadSkip);
      out.skip = skip_seen = true;
    }
  }
  if (out.part && !out.msn) return unexpected(DirectiveFault::kPartWithoutMsn);
  return out;
}

}  // namespace footlight::hls
