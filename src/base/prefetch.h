#pragma once
#include <cstddef>

namespace footlight {

// Asks the processor for `bytes` from `at` on, to be written soon. Costs a slot a cache line where they are there
// already, and hides some hundred cycles where they are not.
inline void prefetch(const void* at, size_t bytes) {
  constexpr size_t kLine = 64;
  for (size_t offset = 0; offset < bytes; offset += kLine)
    __builtin_prefetch(static_cast<const char*>(at) + offset, 1, 2);
}

}  // namespace footlight
