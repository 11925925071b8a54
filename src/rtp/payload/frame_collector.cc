#include "rtp/payload/frame_collector.h"

#include <utility>

namespace footlight::rtp {

void FrameCollector::push(const FramePacket& packet) {
  if (last_seq_ && packet.seq <= *last_seq_) return;
  bool gap = !last_seq_ || packet.seq - *last_seq_ != 1;
  last_seq_ = packet.seq;
  if (gap && is_open_) cut();
  gap_pending_ = gap_pending_ || gap;
  if (packet.payload.empty()) return;

  if (is_open_ && packet.time.value() != open_.frame.rtp_time) {
    if (is_worth_telling()) {
      // No marker, but the next frame follows without a gap: then the end was there.
      if (gap_pending_) damage();
      close();
    } else {
      open_.frame.rtp_time = packet.time.value();  // parameter sets sent ahead belong to the picture that follows
    }
  }
  if (!is_open_) {
    open(packet, std::exchange(gap_pending_, false));
  } else if (std::exchange(gap_pending_, false)) {
    damage();
  }
  open_.last = packet.seq;
  if (!join(packet.payload)) damage();
  if (ends_frame(packet) && is_worth_telling()) close();
}

std::optional<AssembledFrame> FrameCollector::take() {
  if (ready_.empty()) return std::nullopt;
  AssembledFrame frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

void FrameCollector::append(ByteView bytes) {
  if (bytes.size() > kMaxFrameBytes - data().size()) {
    damage();
    return;
  }
  data().insert(data().end(), bytes.begin(), bytes.end());
}

void FrameCollector::open(const FramePacket& packet, bool gap) {
  is_open_ = true;
  open_ = AssembledFrame{};
  open_.frame.codec = codec_;
  open_.frame.rtp_time = packet.time.value();
  open_.frame.arrival = packet.arrival;
  open_.first = packet.seq;
  open_.gap_before = gap;
  open_.intact = !gap || starts_frame(packet.payload);
  reset();
}

void FrameCollector::close() {
  cut();
  finish();
  open_.frame.key = is_key();
  ready_.push_back(std::move(open_));
  is_open_ = false;
}

}  // namespace footlight::rtp
