#pragma once
#include <optional>

#include "compose/reorder_buffer.h"
#include "rtp/packet_view.h"
#include "rtp/payload/aac_depacketizer.h"

namespace footlight::compose {

// An AAC track's packets to access units, in order. A unit may lie in several packets, so a gap holds those behind it
// until it is repaired, or for kPatience. Owned by a Feed; pipe thread only.
class AacReceiver {
 public:
  void on_packet(const rtp::PacketView& packet, rtp::UnwrappedSeq seq, rtp::UnwrappedTime time, Timestamp now) {
    reorder_.push({seq, time, packet.marker(), now, {packet.payload().begin(), packet.payload().end()}});
  }
  // The next whole unit; damaged ones are passed over.
  [[nodiscard]] std::optional<media::EncodedFrame> take(Timestamp now) {
    for (;;) {
      while (auto unit = assembler_.take())
        if (unit->intact) return std::move(unit->frame);
      auto packet = reorder_.pop(now);
      if (!packet) return std::nullopt;
      assembler_.push({packet->seq, packet->time, packet->marker, packet->payload, packet->arrival});
    }
  }

 private:
  // A repair on the pipe, which is loopback, takes a few milliseconds; twice that and a busy machine's pauses.
  static constexpr Duration kPatience = Duration::millis(60);

  rtp::AacDepacketizer assembler_;
  ReorderBuffer reorder_{kPatience};
};

}  // namespace footlight::compose
