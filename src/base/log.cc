#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rfc3339.h"

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

// Control characters, quotes and backslashes escaped: a peer's bytes never break a line or a terminal.
void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}
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
    append_quoted(line, message);
    for (const LogField& f : fields) {
      line += ",";
      append_quoted(line, f.key);
      line += ":";
      append_quoted(line, f.value);
    }
    line += "}\n";
  } else {
    line = fmt::format("{} {:5} {}/{} {}", time, level_name, s.role, folder_, message);
    for (const LogField& f : fields) {
      line += fmt::format(" {}=", f.key);
      if (is_plain(f.value))
        line += f.value;
      else
        append_quoted(line, f.value);
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
