#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/types.h"

namespace footlight::congestion {

// draft-holmer-rmcat-transport-wide-cc-extensions-01 §2.1 asks for feedback at most every frame and at least every
// round trip; libwebrtc's receivers send each 50 to 250 ms, such that it takes a twentieth of what comes in.
inline constexpr Duration kMinFeedbackInterval = Duration::millis(50);
inline constexpr Duration kMaxFeedbackInterval = Duration::millis(250);

// Room that one message needs at most (TransportFeedbackBuilder::kMaxPackets statuses and deltas).
inline constexpr size_t kMaxFeedbackSize = 1300;

// Receiver side of transport-wide congestion control: notes when each packet of one transport came, and writes the
// feedback that keeps a browser's send estimate alive. Owned by a publisher's transport, on its shard thread. In:
// sequence numbers with arrival times; out: RTCP feedback messages when they are due. Bounded: the last 4096 numbers
// are kept, what falls out of them stays unreported. It never fails.
class ArrivalRecorder {
 public:
  explicit ArrivalRecorder(Duration least_interval = kMinFeedbackInterval);

  // A packet's transport-wide sequence number, as received, and its size (0: the least interval holds). Duplicates are
  // ignored; a late packet that was reported lost makes the next message begin at it, so that the sender learns the
  // truth.
  void record(rtp::SeqNum seq, Timestamp arrival, size_t bytes = 0);
  // When build_feedback() has something to say; nullopt while nothing new has arrived.
  [[nodiscard]] std::optional<Timestamp> next_timeout() const { return due_; }
  // Appends one feedback message to a compound packet with kMaxFeedbackSize of room, if one is due at `now`; false
  // when none was. Call again until false: a burst may take more than one message. `sender`, `media`: SSRCs of the
  // RTCP header.
  [[nodiscard]] bool build_feedback(Timestamp now, rtp::Ssrc sender, rtp::Ssrc media, ByteWriter& out);

 private:
  // More than half a second of 60 Mbit/s.
  static constexpr int64_t kWindow = 1 << 12;
  static constexpr Timestamp kNotReceived = Timestamp::min();
  [[nodiscard]] Timestamp& arrival_of(int64_t seq) { return arrivals_[static_cast<size_t>(seq % kWindow)]; }
  void advance_to(int64_t seq);
  void judge_interval(Timestamp now);

  Duration least_;
  Duration interval_;
  int64_t bytes_ = 0;  // since the interval was last judged
  std::optional<Timestamp> judged_at_;
  rtp::SeqUnwrapper unwrapper_;
  std::vector<Timestamp> arrivals_;  // ring by unwrapped number, the last kWindow up to newest_
  int64_t newest_ = -1;              // -1: none yet
  int64_t report_from_ = 0;          // first number of the next message
  std::optional<Timestamp> due_;
  uint8_t feedback_number_ = 0;
  rtp::rtcp::TransportFeedbackBuilder builder_;
};

}  // namespace footlight::congestion
