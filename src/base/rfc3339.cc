#include "base/rfc3339.h"

#include <fmt/core.h>

#include <chrono>

namespace footlight {
namespace {
// Reads exactly `digits` decimal digits at `at`; advances `at`.
std::optional<int> read_number(std::string_view text, size_t& at, size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    char c = text[at + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  at += digits;
  return value;
}
bool read_char(std::string_view text, size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}
// "Z" or "+hh:mm", in minutes; reads to the end of the text.
std::optional<int> read_offset_minutes(std::string_view text, size_t& at) {
  if (read_char(text, at, "Zz")) return at == text.size() ? std::optional(0) : std::nullopt;
  int sign = at < text.size() && text[at] == '-' ? -1 : 1;
  if (!read_char(text, at, "+-")) return std::nullopt;
  auto hours = read_number(text, at, 2);
  if (!hours || *hours > 23 || !read_char(text, at, ":")) return std::nullopt;
  auto minutes = read_number(text, at, 2);
  if (!minutes || *minutes > 59 || at != text.size()) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}
}  // namespace

std::string to_rfc3339(WallTime t) {
  using namespace std::chrono;
  sys_time<milliseconds> point{floor<milliseconds>(microseconds(t.us()))};
  auto day = floor<days>(point);
  year_month_day date{day};
  hh_mm_ss time{point - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  size_t at = 0;
  auto y = read_number(text, at, 4);
  if (!y || !read_char(text, at, "-")) return std::nullopt;
  auto mo = read_number(text, at, 2);
  if (!mo || !read_char(text, at, "-")) return std::nullopt;
  auto d = read_number(text, at, 2);
  if (!d || !read_char(text, at, "Tt ")) return std::nullopt;
  auto h = read_number(text, at, 2);
  if (!h || *h > 23 || !read_char(text, at, ":")) return std::nullopt;
  auto mi = read_number(text, at, 2);
  if (!mi || *mi > 59 || !read_char(text, at, ":")) return std::nullopt;
  auto s = read_number(text, at, 2);
  if (!s || *s > 60) return std::nullopt;  // 60: a leap second reads as the next second
  int64_t fraction_us = 0;
  if (read_char(text, at, ".")) {
    int64_t scale = 100'000;
    size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      fraction_us += (text[at] - '0') * scale;
      scale /= 10;
      ++at;
    }
    if (at == first) return std::nullopt;
  }
  auto offset = read_offset_minutes(text, at);
  year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!offset || !date.ok()) return std::nullopt;
  auto point = sys_days(date) + hours(*h) + minutes(*mi) + seconds(*s) - minutes(*offset);
  return WallTime::micros(duration_cast<microseconds>(point.time_since_epoch()).count() + fraction_us);
}

}  // namespace footlight
