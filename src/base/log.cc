#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

namespace footlight {
namespace {
struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  std::string role = "footlight";
};
LogSettings& settings() {
  static LogSettings instance;
  return instance;
}
constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error"};

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text)
    if (c <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  return true;
}
}  // namespace

void configure_logging(LogLevel level, LogFormat format, std::string_view role) {
  settings() = {level, format, std::string(role)};
}
bool log_enabled(LogLevel level) { return level >= settings().level; }

void Logger::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
  const LogSettings& s = settings();
  if (level < s.level) return;
  std::string line;
  std::string time = to_rfc3339(SystemClock::get().wall_now());
  std::string_view level_name = kLevelNames[static_cast<int>(level)];
  if (s.format == LogFormat::kJson) {
    line = fmt::format(R"({{"time":"{}","level":"{}","role":"{}","folder":"{}","message":)", time, level_name, s.role,
                       folder_);
    append_json_string(line, message);
    for (const LogField& f : fields) {
      line += ",";
      append_json_string(line, f.key);
      line += ":";
      append_json_string(line, f.value);
    }
    line += "}\n";
  } else {
    line = fmt::format("{} {:5} {}/{} {}", time, level_name, s.role, folder_, message);
    for (const LogField& f : fields) {
      line += fmt::format(" {}=", f.key);
      if (is_plain(f.value))
        line += f.value;
      else
        append_json_string(line, f.value);
    }
    line += "\n";
  }
  // One write a line, so lines of several processes on one stderr do not mix. A full pipe loses the line: logging never
  // blocks on retry.
  [[maybe_unused]] ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
}

bool LogLimit::allow(int64_t now_us) {
  int64_t next = next_us_.load(std::memory_order_relaxed);
  if (now_us < next) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  return next_us_.compare_exchange_strong(next, now_us + interval_us_, std::memory_order_relaxed);
}

}  // namespace footlight
