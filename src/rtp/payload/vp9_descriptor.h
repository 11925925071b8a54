#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/picture_size.h"
#include "rtp/types.h"

namespace footlight::rtp {

enum class Vp9DescriptorError { kTruncated };

// RFC 9628 §4.2. Positions of the two running numbers are kept, so that an SFU can rewrite them in place.
struct Vp9Descriptor {
  bool predicted = false;      // P: refers to earlier pictures
  bool flexible = false;       // F: references are told by P_DIFF, not by a structure
  bool layer_start = false;    // B: the first packet of a layer frame
  bool layer_end = false;      // E
  bool not_for_upper = false;  // Z: no higher spatial layer refers to it
  std::optional<uint16_t> picture_id;
  bool long_picture_id = false;  // 15 bits; else 7
  bool has_layers = false;
  uint8_t temporal_id = 0;
  bool switching_up = false;  // U: from here on this temporal layer can be switched to
  uint8_t spatial_id = 0;
  bool inter_layer = false;                   // D: refers to the spatial layer below
  std::optional<uint8_t> tl0_pic_idx;         // non-flexible mode with layers
  uint8_t spatial_layers = 0;                 // of the scalability structure; 0: none here
  std::optional<codec::PictureSize> largest;  // of the structure's layers, where it tells sizes
  size_t size = 0;                            // of the descriptor: VP9's own bytes follow
  size_t picture_id_at = 0;
  size_t tl0_pic_idx_at = 0;

  // The first packet of a picture, of its lowest spatial layer.
  [[nodiscard]] bool picture_start() const { return layer_start && spatial_id == 0; }
  [[nodiscard]] bool key_picture_start() const { return picture_start() && !predicted; }

  [[nodiscard]] static Result<Vp9Descriptor, Vp9DescriptorError> parse(ByteView payload);
};

// Overwrites the numbers that the descriptor has; a 7-bit picture id takes the low bits. Sizes never change.
void rewrite_vp9_descriptor(MutableByteView payload, const Vp9Descriptor& descriptor, uint16_t picture_id,
                            uint8_t tl0_pic_idx);

}  // namespace footlight::rtp
