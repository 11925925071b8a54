#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace footlight::hls {

// Delivery directives of a playlist request (rfc8216bis §6.2.5). Parameters that are not ours are left alone.
struct Directives {
  std::optional<int64_t> msn;   // _HLS_msn
  std::optional<int64_t> part;  // _HLS_part, only with msn
  bool skip = false;            // _HLS_skip=YES or v2
};

enum class DirectiveFault { kNotANumber, kPartWithoutMsn, kBadSkip };
[[nodiscard]] std::string_view sentence(DirectiveFault fault);

// `query`: as on the wire, without the question mark. The first of two equal names counts.
[[nodiscard]] Result<Directives, DirectiveFault> parse_directives(std::string_view query);

}  // namespace footlight::hls
