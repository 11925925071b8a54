#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "hls/timeline.h"
#include "http/message.h"

namespace footlight::hls {

// What a call on origin.sock names (ARCHITECTURE.md, Ingest).
struct IngestTarget {
  enum class Kind { kState, kInit, kPart, kGap, kEnd };
  Kind kind = Kind::kState;
  std::string stream;
  uint64_t epoch = 0;
  std::string rendition;
  Position at;       // of a part; msn of a gap
  int64_t init = 0;  // number of an init segment
};

// Ids of streams and names of renditions become folder names: letters, digits, '-' and '_', 1 to 64 of them.
[[nodiscard]] bool is_safe_name(std::string_view name);
// A decimal number as we write them: no sign, no leading zero, at most 15 digits.
[[nodiscard]] std::optional<int64_t> parse_plain_number(std::string_view text);

enum class IngestFault { kNotFound, kMethod };
[[nodiscard]] Result<IngestTarget, IngestFault> parse_ingest_target(std::string_view method, std::string_view path);

// The Footlight-* header fields of a part. The error is a sentence that names the field.
struct PartFields {
  int64_t duration_us = 0;
  int64_t date_us = 0;
  int64_t init = 0;
  bool independent = false;
  bool last = false;
};
[[nodiscard]] Result<PartFields, std::string_view> parse_part_fields(const http::Headers& headers);
// Footlight-Duration alone, for a gap.
[[nodiscard]] std::optional<int64_t> parse_duration_field(const http::Headers& headers);

}  // namespace footlight::hls
