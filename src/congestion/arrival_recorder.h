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
// round trip; libwebrtc's receivers send each 50 to 250 ms. Often is cheap on a LAN and helps the ramp-up.
inline constexpr Duration kFeedbackInterval = Duration::millis(50);

// Receiver side of transport-wide congestion control: notes when each packet of one transport came, and writes the
// feedback that keeps a browser's send estimate alive. Owned by a publisher's transport, on its shard thread. In:
// sequence numbers with arrival times; out: RTCP feedback messages when one is due. Bounded: a window of 2^13
// numbers is kept, older arrivals are dropped unreported. It never fails.
class ArrivalRecorder {
 public:
  explicit ArrivalRecorder(Duration interval = kFeedbackInterval);

  // A packet's transport-wide sequence number, as received; duplicates and packets already reported on are ignored.
  void record(rtp::SeqNum seq, Timestamp arrival);
  // When build_feedback() has something to say; nullopt while nothing new has arrived.
  [[nodiscard]] std::optional<Timestamp> next_timeout() const;
  // Appends one feedback message to a compound packet when one is due at `now`; false when none was, or no room.
  // Call again until false: a burst may take more than one message. `sender`, `media`: the RTCP header's SSRCs.
  [[nodiscard]] bool build_feedback(Timestamp now, rtp::Ssrc sender, rtp::Ssrc media, ByteWriter& out);

 private:
  // Numbers kept at once: 8192 packets are more than a second of 50 Mbit/s.
  static constexpr int64_t kWindow = 1 << 13;
  [[nodiscard]] std::optional<Timestamp>& cell(int64_t seq) { return arrivals_[static_cast<size_t>(seq) % kWindow]; }

  Duration interval_;
  rtp::SeqUnwrapper unwrapper_;
  std::vector<std::optional<Timestamp>> arrivals_;  // ring by unwrapped number, for [reported_to_, newest_]
  std::optional<int64_t> reported_to_;              // first number that no feedback has covered
  int64_t newest_ = 0;
  std::optional<Timestamp> due_;
  uint8_t feedback_number_ = 0;
  rtp::rtcp::TransportFeedbackBuilder builder_;
};

}  // namespace footlight::congestion
