#include "rtp/frame_layers.h"

#include "codec/bit_reader.h"

namespace footlight::rtp {
namespace {

constexpr uint32_t kFlagBits = 5;  // of the extended fields; the first: a template structure follows
constexpr uint32_t kStructureFlag = 1u << (kFlagBits - 1);
constexpr uint32_t kTargetCountBits = 5;

// next_layer_idc (A.8.3).
constexpr uint32_t kNextSpatial = 2;
constexpr uint32_t kNoMore = 3;

}  // namespace

// A.8.2: start_of_frame, end_of_frame, frame_dependency_template_id (6), frame_number (16); then, where there are more
// bytes, five flags, and for the first of them template_id_offset (6), dt_cnt_minus_one (5) and the templates' layers.
std::optional<FramePlace> FrameLayers::read(ByteView descriptor) {
  codec::BitReader bits(descriptor);
  FramePlace place;
  uint32_t id = 0;
  uint32_t flags = 0;
  if (!bits.flag(place.start) || !bits.flag(place.end) || !bits.read(6, id) || !bits.skip(16)) return std::nullopt;
  if (bits.read(kFlagBits, flags) && (flags & kStructureFlag) != 0) {
    std::array<uint8_t, kTemplates> spatial{};
    uint32_t offset = 0;
    uint32_t count = 0;
    uint32_t next = 0;
    uint8_t layer = 0;
    bool read = bits.read(6, offset) && bits.skip(kTargetCountBits);
    while (read && next != kNoMore && count < kTemplates) {
      spatial[count++] = layer;
      read = bits.read(2, next);
      if (next == kNextSpatial) ++layer;
    }
    if (read && next == kNoMore) {
      spatial_ = spatial;
      count_ = count;
      offset_ = offset;
    }
  }
  const uint32_t index = (id + kTemplates - offset_) % kTemplates;
  if (index < count_) place.spatial_id = spatial_[index];
  return place;
}

}  // namespace footlight::rtp
