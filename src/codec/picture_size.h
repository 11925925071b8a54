#pragma once
#include <cstdint>

namespace footlight::codec {

struct PictureSize {
  int width = 0;
  int height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

}  // namespace footlight::codec
