#pragma once
#include <optional>
#include <span>

#include "relay/producer.h"
#include "relay/stored_packet.h"

namespace footlight::relay {

// How far one producer's packets have been handed on as they are: to another shard, or to another relay. Owned by the
// feed or link that hands them on. It begins where a joiner would, so that the other end can serve joiners, too. What
// the way has no room for stays in the producer's buffer and goes later; what the buffer has lost meanwhile is
// counted.
class ProducerCursor {
 public:
  // Hands over what came since, late and repaired packets included. `send(const StoredPacket&)`: false when there is no
  // room now.
  template <class Send>
  void forward(const Producer& producer, Send&& send) {
    if (!begun(producer)) return;
    for (rtp::UnwrappedSeq seq : producer.fresh()) {
      if (seq >= *next_ || seq < first_) continue;
      const StoredPacket* late = producer.buffer().find(seq);
      if (late) restore_picture(*late);
      if (late && !send(*late)) {
        next_ = seq;  // from here once more: the other end knows what it has
        return;
      }
    }
    catch_up(producer, send);
  }
  // Goes on after there was no room.
  template <class Send>
  void catch_up(const Producer& producer, Send&& send) {
    if (!begun(producer)) return;
    rtp::UnwrappedSeq oldest = producer.buffer().oldest();
    if (*next_ < oldest) {
      lost_ += static_cast<uint64_t>(oldest - *next_);
      next_ = oldest;
    }
    for (; *next_ <= *producer.buffer().newest(); next_ = next_->plus(1)) {
      const StoredPacket* packet = producer.buffer().find(*next_);
      if (packet) restore_picture(*packet);
      if (packet && !send(*packet)) return;
    }
  }
  // Packets that left the buffer before there was room for them.
  [[nodiscard]] uint64_t lost() const { return lost_; }

 private:
  [[nodiscard]] bool begun(const Producer& producer) {
    if (producer.ssrc() != ssrc_) next_.reset();
    ssrc_ = producer.ssrc();
    auto newest = producer.buffer().newest();
    if (next_ || !newest) return newest.has_value();
    // Without a key frame at hand: from the first packet there is, of which the receiver makes what it can.
    auto start = producer.join_start();
    next_ = start ? *start : producer.fresh().empty() ? newest->plus(1) : producer.fresh().front();
    first_ = *next_;
    return true;
  }

  std::optional<rtp::Ssrc> ssrc_;
  std::optional<rtp::UnwrappedSeq> next_;
  rtp::UnwrappedSeq first_{};
  uint64_t lost_ = 0;
};

}  // namespace footlight::relay
