#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "compose/loss_tracker.h"
#include "compose/reorder_buffer.h"
#include "libav/video_decoder.h"
#include "media/track.h"
#include "rtp/packet_view.h"
#include "rtp/payload/frame_assembler.h"

namespace footlight::compose {

struct VideoCounters {
  uint64_t frames = 0;   // decoded
  uint64_t damaged = 0;  // coded frames dropped: incomplete, undecodable or without what they refer to
  uint64_t key_frames = 0;
  uint64_t key_requests = 0;
};

// One video track from packets to decoded pictures, in order and as early as they can be had. After damage it shows
// nothing until the next key frame, and asks for one. Owned by a Feed; pipe thread only.
class VideoReceiver {
 public:
  struct Output {
    int64_t rtp_time = 0;
    Timestamp arrival;  // first packet
    libav::Picture picture;
  };

  explicit VideoReceiver(media::Codec codec);
  // Bytes in. Call take() afterwards.
  void on_packet(const rtp::PacketView& packet, rtp::UnwrappedTime time, Timestamp now);
  // Decodes the next whole frame, if there is one ready.
  [[nodiscard]] std::optional<Output> take(Timestamp now);
  // Missing packets to ask for now.
  void take_losses(Timestamp now, std::vector<rtp::SeqNum>& out) { losses_.take_due(now, out); }
  // True when a key frame should be asked for now; at most every 250 ms.
  [[nodiscard]] bool take_key_request(Timestamp now);
  [[nodiscard]] const VideoCounters& counters() const { return counters_; }
  [[nodiscard]] const LossTracker& losses() const { return losses_; }

 private:
  [[nodiscard]] std::optional<Output> decode(rtp::AssembledFrame frame);
  void damaged();
  void note_orientation(const rtp::PacketView& packet, rtp::UnwrappedTime time);
  [[nodiscard]] int orientation_at(int64_t rtp_time);

  media::Codec codec_;
  std::unique_ptr<rtp::FrameAssembler> assembler_;
  std::optional<libav::VideoDecoder> decoder_;
  rtp::SeqUnwrapper seq_;
  LossTracker losses_;
  ReorderBuffer reorder_;
  // Clockwise degrees, and from which RTP time on: the last one that was reached, and those still in flight.
  struct Orientation {
    int64_t from = 0;
    int degrees = 0;
  };
  std::deque<Orientation> orientations_{Orientation{}};
  bool need_key_ = true;
  std::optional<Timestamp> ask_from_;  // no key frame is asked for before: the relay may be sending one
  std::optional<Timestamp> asked_;
  VideoCounters counters_;
};

}  // namespace footlight::compose
