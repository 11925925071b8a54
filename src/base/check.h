#pragma once
// CHECK(condition): our own contract, in every build. A failed check ends the process with file, line and sentence;
// the supervisor starts it again. Never used on what a peer sends (STYLE §2.17).
namespace footlight::detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace footlight::detail

#define CHECK(condition)                                                 \
  do {                                                                   \
    if (!(condition)) [[unlikely]]                                       \
      ::footlight::detail::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
