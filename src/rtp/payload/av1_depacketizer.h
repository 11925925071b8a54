#pragma once
#include "rtp/payload/frame_collector.h"

namespace footlight::rtp {

// AV1 RTP specification 1.0 §4: OBU elements into temporal units of the low-overhead format (AV1 §5.2), every OBU with
// its size. Temporal delimiters, tile lists and padding are left out, as a receiver must (§5).
class Av1Depacketizer final : public FrameCollector {
 public:
  Av1Depacketizer() : FrameCollector(media::Codec::kAv1) {}

 private:
  [[nodiscard]] bool starts_frame(ByteView payload) const override;
  [[nodiscard]] bool join(ByteView payload) override;
  void cut() override;
  void reset() override;
  [[nodiscard]] bool has_content() const override { return has_frame_ || in_fragment_; }
  [[nodiscard]] bool is_key() const override { return has_sequence_ && has_key_frame_; }

  [[nodiscard]] bool add_obu(ByteView bytes);

  std::vector<uint8_t> fragment_;  // an OBU that goes on in the next packet
  bool in_fragment_ = false;
  bool has_sequence_ = false;
  bool has_key_frame_ = false;
  bool has_frame_ = false;
};

}  // namespace footlight::rtp
