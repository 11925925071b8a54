#pragma once
#include "rtp/header_extensions.h"

namespace footlight::rtp {

// The header extensions of a pipe's RTP towards compose. No offer and answer stand between its ends: both are this
// program, so the ids are fixed here. Compose turns pictures by the orientation, since nobody behind it could.
[[nodiscard]] inline ExtensionMap pipe_extensions() {
  ExtensionMap map;
  map.set(ExtensionType::kVideoOrientation, 1);
  return map;
}

}  // namespace footlight::rtp
