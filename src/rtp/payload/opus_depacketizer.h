#pragma once
#include "rtp/payload/frame_collector.h"

namespace footlight::rtp {

// RFC 7587 §4.2: each packet is one Opus packet; the marker opens a talk spurt and ends nothing.
class OpusDepacketizer final : public FrameCollector {
 public:
  OpusDepacketizer() : FrameCollector(media::Codec::kOpus) {}

 private:
  [[nodiscard]] bool starts_frame(ByteView) const override { return true; }
  [[nodiscard]] bool join(ByteView payload) override;
  [[nodiscard]] bool is_key() const override { return true; }
  [[nodiscard]] bool ends_frame(const FramePacket&) const override { return true; }
};

}  // namespace footlight::rtp
