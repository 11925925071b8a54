#pragma once
#include <fmt/core.h>

#include <atomic>
#include <string>
#include <string_view>

// One logger a folder: `static Logger kLog("relay");` then `kLog.info("session opened", {{"session", id}})`.
// error: the operator must act; warn: degraded; info: lifecycle; debug: development. Nothing per packet; secrets never.
namespace footlight {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kText, kJson };

// `key=value` pair; the value is formatted once by fmt.
struct LogField {
  std::string_view key;
  std::string value;
  LogField(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <class T>
    requires std::is_arithmetic_v<T>
  LogField(std::string_view k, T v) : key(k), value(fmt::format("{}", v)) {}
};

// Set once in main, before threads. Lines go to stderr, one write each. `role` prefixes every line.
void configure_logging(LogLevel level, LogFormat format, std::string_view role);
[[nodiscard]] bool log_enabled(LogLevel level);

class Logger {
 public:
  explicit constexpr Logger(std::string_view folder) : folder_(folder) {}
  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kInfo, message, fields);
  }
  void warn(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kWarn, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kError, message, fields);
  }

 private:
  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const;
  std::string_view folder_;
};

// At most one line each `interval_ms`, for conditions that repeat: `if (limit.allow(clock.now())) kLog.warn(...)`.
class LogLimit {
 public:
  explicit LogLimit(int64_t interval_ms) : interval_us_(interval_ms * 1000) {}
  [[nodiscard]] bool allow(int64_t now_us);
  [[nodiscard]] uint64_t suppressed() const { return suppressed_.load(std::memory_order_relaxed); }

 private:
  int64_t interval_us_;
  std::atomic<int64_t> next_us_{INT64_MIN};
  std::atomic<uint64_t> suppressed_{0};
};

}  // namespace footlight
