#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::compose {

// Which packets of one track are missing, and when to ask for them (RFC 4585 §6.2.1). The pipe's round trip is next to
// nothing, but the relay may itself wait for the publisher's repair: hence a few patient repeats. Owned by a receiver
// on the pipe thread; holds at most kMaxMissing.
class LossTracker {
 public:
  // False: the packet came before (a duplicate) or is older than the window.
  bool on_packet(rtp::UnwrappedSeq seq, Timestamp now);
  // Sequence numbers to ask for now, ascending.
  void take_due(Timestamp now, std::vector<rtp::SeqNum>& out);
  [[nodiscard]] bool missing(rtp::UnwrappedSeq seq) const { return missing_.contains(seq.value()); }
  void forget_before(rtp::UnwrappedSeq seq);
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> highest() const { return highest_; }
  [[nodiscard]] uint64_t received() const { return received_; }
  [[nodiscard]] uint64_t lost() const { return lost_; }  // given up

 private:
  struct Missing {
    Timestamp next_ask;
    int asked = 0;
  };
  static constexpr int64_t kMaxMissing = 512;

  std::map<int64_t, Missing> missing_;
  std::optional<rtp::UnwrappedSeq> highest_;
  uint64_t received_ = 0;
  uint64_t lost_ = 0;
};

}  // namespace footlight::compose
