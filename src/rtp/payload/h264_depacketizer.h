#pragma once
#include "rtp/payload/frame_collector.h"

namespace footlight::rtp {

// RFC 6184 §5.4, packetization modes 0 and 1: single NAL units, STAP-A, FU-A, into Annex B access units. An IDR picture
// that comes without parameter sets gets the last ones seen, so that every key frame can be decoded alone.
class H264Depacketizer final : public FrameCollector {
 public:
  H264Depacketizer() : FrameCollector(media::Codec::kH264) {}

 private:
  [[nodiscard]] bool starts_frame(ByteView payload) const override;
  [[nodiscard]] bool join(ByteView payload) override;
  void cut() override;
  void reset() override;
  [[nodiscard]] bool has_content() const override { return has_slice_; }
  [[nodiscard]] bool is_key() const override { return has_idr_; }

  void add_nal(ByteView nal);
  void note_slice(uint8_t nal_header);
  [[nodiscard]] bool join_aggregate(ByteView payload);
  [[nodiscard]] bool join_fragment(ByteView payload);

  bool has_slice_ = false;
  bool has_idr_ = false;
  bool has_sps_ = false;
  bool has_pps_ = false;
  bool in_fragment_ = false;
  size_t fragment_at_ = 0;  // where the open fragmented unit begins in data()
  std::vector<uint8_t> last_sps_;
  std::vector<uint8_t> last_pps_;
};

}  // namespace footlight::rtp
