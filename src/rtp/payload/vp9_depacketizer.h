#pragma once
#include <array>

#include "rtp/payload/frame_collector.h"

namespace footlight::rtp {

// RFC 9628: VP9 payloads into pictures. The frames of several spatial layers become one superframe (VP9 annex B), as a
// decoder wants them.
class Vp9Depacketizer final : public FrameCollector {
 public:
  static constexpr size_t kMaxLayers = 8;  // annex B, and SID has three bits

  Vp9Depacketizer() : FrameCollector(media::Codec::kVp9) {}

 private:
  [[nodiscard]] bool starts_frame(ByteView payload) const override;
  [[nodiscard]] bool join(ByteView payload) override;
  void reset() override;
  void finish() override;
  [[nodiscard]] bool is_key() const override { return key_; }

  std::array<size_t, kMaxLayers> layer_at_{};  // where in data() each layer's frame begins
  size_t layers_ = 0;
  bool key_ = false;
};

}  // namespace footlight::rtp
