#pragma once
#include <optional>

#include "base/bytes.h"
#include "base/units.h"
#include "media/track.h"
#include "rtp/header_extensions.h"
#include "rtp/rtx.h"
#include "rtp/types.h"

namespace footlight::relay {

// Header extensions of a received packet that go on to receivers which agreed on them.
struct CarriedExtensions {
  std::optional<rtp::AbsCaptureTime> captured;
  std::optional<rtp::PlayoutDelay> playout_delay;
  std::optional<rtp::VideoOrientation> orientation;
  std::optional<rtp::AudioLevel> audio_level;
};

// A packet's running numbers of pictures, which have to go on for each receiver when its layer or source changes, or
// frames are left out: VP8's (RFC 7741 §4.2) and VP9's (RFC 9628 §4.2) picture id and TL0PICIDX, or the frame number of
// AV1's dependency descriptor. Parsed once, at arrival.
struct PictureNumbers {
  enum class Form : uint8_t { kNone, kShort, kLong, kFrameNumber };  // 7 bits, 15 bits, 16 bits of a descriptor
  Form form = Form::kNone;
  uint8_t picture_at = 0;  // in the payload, or in the descriptor
  uint8_t tl0_at = 0;      // 0: none
  uint8_t tl0 = 0;
  uint16_t picture = 0;
  uint8_t temporal_id = 0;  // VP8's; 0 for what is never left out by layer
  uint8_t spatial_id = 0;   // AV1's, where a dependency descriptor tells it
  bool layer_end = false;   // and the last packet of its frame
  bool layer_sync = false;  // refers to the base layer only
  bool frame_start = false;

  [[nodiscard]] constexpr uint16_t mask() const {
    return form == Form::kShort ? 0x7f : form == Form::kLong ? 0x7fff : 0xffff;
  }
};

// A received packet as the buffer keeps it: header fields that consumers rewrite, and the payload as it came.
struct StoredPacket {
  rtp::UnwrappedSeq seq{-1};
  rtp::UnwrappedTime time{};
  Timestamp arrival{};
  bool marker = false;
  bool key = false;         // holds the beginning of a key frame
  bool parameters = false;  // holds parameter sets alone, which belong to the next picture
  uint16_t primary_at = 0;  // of a RED payload (RFC 2198): where the newest block's data begin; 0: not RED
  PictureNumbers picture;
  CarriedExtensions extensions;
  // Empty: padding only. Both live as long as the slot, one behind the other. Running numbers in them are overwritten
  // by each consumer as it sends: those that came stand in `picture`.
  MutableByteView payload;
  MutableByteView descriptor;  // AV1's dependency descriptor; mostly empty

  // Room for a retransmission's header (RFC 4588 §4) and the payload, in one piece. Only of a packet in a buffer.
  [[nodiscard]] MutableByteView retransmission() const {
    return {payload.data() - rtp::kRtxHeaderSize, payload.size() + rtp::kRtxHeaderSize};
  }
};

// Writes running numbers into the packet's bytes; nothing where it has none.
void write_picture(const StoredPacket& packet, uint16_t picture, uint8_t tl0);
// As they came: for whoever hands packets on unchanged.
inline void restore_picture(const StoredPacket& packet) {
  write_picture(packet, packet.picture.picture, packet.picture.tl0);
}
// Looks into the bytes of a packet that has just come.
[[nodiscard]] PictureNumbers read_picture(media::Codec codec, ByteView payload, ByteView descriptor);

}  // namespace footlight::relay
