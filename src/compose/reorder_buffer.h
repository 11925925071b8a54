#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"
#include "rtp/payload/frame_assembler.h"
#include "rtp/types.h"

namespace footlight::compose {

// One video packet as it waits for those before it.
struct WaitingPacket {
  rtp::UnwrappedSeq seq{};
  rtp::UnwrappedTime time{};
  bool marker = false;
  Timestamp arrival;
  std::vector<uint8_t> payload;
};

// Gives packets in sequence order. A gap holds those behind it until it is filled, or until the oldest of them has
// waited `patience`; then the gap is skipped, and the assembler sees it as loss. Owned by a VideoReceiver, on the pipe
// thread. Holds at most kMaxPackets; beyond that the oldest gap is skipped.
class ReorderBuffer {
 public:
  explicit ReorderBuffer(Duration patience) : patience_(patience) {}
  void push(WaitingPacket packet);
  // Next packet in order, or nullopt while it is missing and patience lasts.
  [[nodiscard]] std::optional<WaitingPacket> pop(Timestamp now);
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> next() const { return next_; }
  [[nodiscard]] bool waiting() const { return !packets_.empty(); }

 private:
  // 2,500 kbit/s for 400 ms is 110 packets; a 4 MiB key frame is 3,600 and must fit.
  static constexpr size_t kMaxPackets = 4096;

  Duration patience_;
  std::map<int64_t, WaitingPacket> packets_;
  std::optional<rtp::UnwrappedSeq> next_;
};

}  // namespace footlight::compose
