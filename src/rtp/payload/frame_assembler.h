#pragma once
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "media/encoded_frame.h"
#include "rtp/types.h"

namespace footlight::rtp {

// One packet as a jitter buffer releases it.
struct FramePacket {
  UnwrappedSeq seq{};
  UnwrappedTime time{};
  bool marker = false;
  ByteView payload;  // without padding; empty: padding only, which keeps the count and nothing else
  Timestamp arrival{};
};

struct AssembledFrame {
  media::EncodedFrame frame;
  UnwrappedSeq first{};
  UnwrappedSeq last{};
  bool intact = false;      // no packet of it is missing or unreadable; else frame.data is what could be saved
  bool gap_before = false;  // packets between the frame before and this one are missing: references may be, too
};

// Joins the packets of one track into coded frames. Packets come in sequence order (a jitter buffer stands before it);
// late and repeated ones are passed over. push, then take until nullopt: a push ends at most two frames.
// Owned by one track's input; one thread. A frame beyond kMaxFrameBytes comes out cut and not intact.
class FrameAssembler {
 public:
  static constexpr size_t kMaxFrameBytes = 4 << 20;  // DESIGN §2: the join cache's bound is a frame's, too

  virtual ~FrameAssembler() = default;
  virtual void push(const FramePacket& packet) = 0;
  [[nodiscard]] virtual std::optional<AssembledFrame> take() = 0;
};

// H.264 (RFC 6184 modes 0 and 1), VP8 (RFC 7741), VP9 (RFC 9628), AV1, Opus (RFC 7587), AAC (RFC 3640).
[[nodiscard]] std::unique_ptr<FrameAssembler> make_frame_assembler(media::Codec codec);

}  // namespace footlight::rtp
