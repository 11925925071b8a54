#pragma once
#include "rtp/payload/frame_collector.h"

namespace footlight::rtp {

// RFC 7741: VP8 payloads into frames; the descriptor goes, partitions follow each other.
class Vp8Depacketizer final : public FrameCollector {
 public:
  Vp8Depacketizer() : FrameCollector(media::Codec::kVp8) {}

 private:
  [[nodiscard]] bool starts_frame(ByteView payload) const override;
  [[nodiscard]] bool join(ByteView payload) override;
  void reset() override { key_ = began_ = false; }
  [[nodiscard]] bool is_key() const override { return key_; }

  bool began_ = false;
  bool key_ = false;
};

}  // namespace footlight::rtp
