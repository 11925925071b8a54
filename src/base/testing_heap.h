#pragma once
// Counts what is taken from the heap while g_counting stands. For one file of a test program: it replaces operator new.
// Not under sanitizers, which bring an operator new of their own.
#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<bool> g_counting{false};
std::atomic<int> g_allocations{0};
}  // namespace

// NOLINTBEGIN(misc-definitions-in-headers): what replaces them may not be inline ([replacement.functions]).
void* operator new(size_t size) {
  if (g_counting) ++g_allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
// NOLINTEND(misc-definitions-in-headers)
