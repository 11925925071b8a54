#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace footlight::rtp {

// What a packet's dependency descriptor tells of its frame.
struct FramePlace {
  bool start = false;                 // the frame's first packet
  bool end = false;                   // and its last
  std::optional<uint8_t> spatial_id;  // nullopt: the template is not known
};

// Reads spatial layers from AV1's dependency descriptors (AV1 RTP specification, appendix A.8): a packet names a
// template, and the templates' layers come with key frames. Nothing of their references is read. Owned by whoever
// receives one encoding.
class FrameLayers {
 public:
  // nullopt: too short. A structure in it that cannot be read leaves the templates of before.
  [[nodiscard]] std::optional<FramePlace> read(ByteView descriptor);

 private:
  static constexpr uint32_t kTemplates = 64;  // their ids have six bits

  std::array<uint8_t, kTemplates> spatial_{};
  uint32_t count_ = 0;
  uint32_t offset_ = 0;
};

}  // namespace footlight::rtp
