#include "hls/ingest.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/rfc3339.h"

namespace footlight::hls {
namespace {

constexpr int64_t kMaxDurationUs = 60'000'000;  // ten segments of the largest hls.part_ms: anything longer is a mistake

// The segments of a path behind "/ingest/"; at most six.
struct PathPieces {
  std::array<std::string_view, 6> piece;
  size_t count = 0;
};

std::optional<PathPieces> split(std::string_view path) {
  constexpr std::string_view kRoot = "/ingest/";
  if (!path.starts_with(kRoot)) return std::nullopt;
  path.remove_prefix(kRoot.size());
  PathPieces out;
  while (true) {
    if (out.count == out.piece.size()) return std::nullopt;
    const size_t slash = path.find('/');
    out.piece[out.count++] = path.substr(0, slash);
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

std::optional<bool> parse_flag(std::optional<std::string_view> field) {
  if (!field || *field == "0") return false;
  if (*field == "1") return true;
  return std::nullopt;
}

// {epoch}/{rendition}/{msn}/{part}, …/gap, …/init/{n}, {epoch}/end.
bool read_put(const PathPieces& path, IngestTarget& out) {
  const auto epoch = parse_plain_number(path.piece[1]);
  if (!epoch) return false;
  out.epoch = static_cast<uint64_t>(*epoch);
  if (path.count == 3) {
    out.kind = IngestTarget::Kind::kEnd;
    return path.piece[2] == "end";
  }
  if (path.count != 5 || !is_safe_name(path.piece[2])) return false;
  out.rendition = path.piece[2];
  if (path.piece[3] == "init") {
    const auto number = parse_plain_number(path.piece[4]);
    out.kind = IngestTarget::Kind::kInit;
    out.init = number.value_or(0);
    return number.has_value();
  }
  const auto msn = parse_plain_number(path.piece[3]);
  const auto part = parse_plain_number(path.piece[4]);
  const bool gap = path.piece[4] == "gap";
  if (!msn || (!part && !gap)) return false;
  out.kind = gap ? IngestTarget::Kind::kGap : IngestTarget::Kind::kPart;
  out.at = {*msn, part.value_or(0)};
  return true;
}

}  // namespace

bool is_safe_name(std::string_view name) {
  constexpr size_t kLongest = 64;
  const auto safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, safe);
}

std::optional<int64_t> parse_plain_number(std::string_view text) {
  constexpr size_t kMaxDigits = 15;
  int64_t value = 0;
  if (text.empty() || text.size() > kMaxDigits || (text.front() == '0' && text.size() > 1)) return std::nullopt;
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<IngestTarget, IngestFault> parse_ingest_target(std::string_view method, std::string_view path) {
  const auto pieces = split(path);
  if (!pieces || !is_safe_name(pieces->piece[0])) return unexpected(IngestFault::kNotFound);
  IngestTarget out;
  out.stream = pieces->piece[0];
  if (pieces->count == 1) {
    if (method != "GET") return unexpected(IngestFault::kMethod);
    return out;
  }
  if (!read_put(*pieces, out)) return unexpected(IngestFault::kNotFound);
  if (method != "PUT") return unexpected(IngestFault::kMethod);
  return out;
}

std::optional<int64_t> parse_duration_field(const http::Headers& headers) {
  const auto duration = parse_plain_number(headers.get("Footlight-Duration").value_or(""));
  if (!duration || *duration == 0 || *duration > kMaxDurationUs) return std::nullopt;
  return duration;
}

Result<PartFields, std::string_view> parse_part_fields(const http::Headers& headers) {
  const auto duration = parse_duration_field(headers);
  if (!duration) return unexpected("Footlight-Duration must be a number of microseconds, at most one minute.");
  const auto date = parse_rfc3339(headers.get("Footlight-Date-Time").value_or(""));
  if (!date || date->us() < 0) return unexpected("Footlight-Date-Time must be an RFC 3339 date-time.");
  const auto init = parse_plain_number(headers.get("Footlight-Init").value_or(""));
  if (!init) return unexpected("Footlight-Init must be the number of an init segment.");
  const auto independent = parse_flag(headers.get("Footlight-Independent"));
  const auto last = parse_flag(headers.get("Footlight-Last"));
  if (!independent) return unexpected("Footlight-Independent must be 0 or 1.");
  if (!last) return unexpected("Footlight-Last must be 0 or 1.");
  return PartFields{*duration, date->us(), *init, *independent, *last};
}

}  // namespace footlight::hls
