#pragma once
#include <array>
#include <cstdint>
#include <memory>

namespace footlight::libav {

enum class YuvMatrix { kBt601, kBt709, kUnspecified };

// An 8-bit 4:2:0 picture that nobody changes any more; copies share the pixels. shared_ptr because one decoded picture
// is held by a source's queue, the stage and the encoder at once, on two threads. Chroma planes are (n + 1) / 2.
struct Picture {
  int width = 0;
  int height = 0;
  std::array<const uint8_t*, 3> plane{};  // Y, U, V
  std::array<int, 3> stride{};            // bytes
  YuvMatrix matrix = YuvMatrix::kUnspecified;
  bool full_range = false;
  std::shared_ptr<const void> storage;

  [[nodiscard]] bool empty() const { return plane[0] == nullptr; }
  [[nodiscard]] int chroma_width() const { return (width + 1) / 2; }
  [[nodiscard]] int chroma_height() const { return (height + 1) / 2; }
};

}  // namespace footlight::libav
