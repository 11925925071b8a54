#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace footlight::rtp {

enum class Vp8DescriptorError { kTruncated };

// RFC 7741 §4.2. Positions of the two running numbers are kept, so that an SFU can rewrite them in place.
struct Vp8Descriptor {
  bool non_reference = false;
  bool partition_start = false;
  uint8_t partition = 0;
  std::optional<uint16_t> picture_id;
  bool long_picture_id = false;  // 15 bits; else 7
  std::optional<uint8_t> tl0_pic_idx;
  std::optional<uint8_t> temporal_id;
  bool layer_sync = false;
  std::optional<uint8_t> key_index;
  size_t size = 0;  // of the descriptor: VP8's own bytes follow
  size_t picture_id_at = 0;
  size_t tl0_pic_idx_at = 0;

  // The first packet of a frame (§4.2: S set and PID 0).
  [[nodiscard]] bool frame_start() const { return partition_start && partition == 0; }

  [[nodiscard]] static Result<Vp8Descriptor, Vp8DescriptorError> parse(ByteView payload);
};

// Overwrites the numbers that the descriptor has; a 7-bit picture id takes the low bits. Sizes never change.
void rewrite_vp8_descriptor(MutableByteView payload, const Vp8Descriptor& descriptor, uint16_t picture_id,
                            uint8_t tl0_pic_idx);

}  // namespace footlight::rtp
