#pragma once
#include "rtp/payload/frame_collector.h"

namespace footlight::rtp {

// RFC 3640 §3.3.6, AAC-hbr with one access unit or a piece of one a packet: the marker ends a unit.
class AacDepacketizer final : public FrameCollector {
 public:
  AacDepacketizer() : FrameCollector(media::Codec::kAac) {}

 private:
  [[nodiscard]] bool starts_frame(ByteView payload) const override;
  [[nodiscard]] bool join(ByteView payload) override;
  void finish() override;
  void reset() override { unit_size_ = 0; }
  [[nodiscard]] bool is_key() const override { return true; }

  size_t unit_size_ = 0;
};

}  // namespace footlight::rtp
