#pragma once
#include <array>

#include "congestion/arrival_recorder.h"
#include "relay/publication.h"
#include "relay/rtp_transport.h"

namespace footlight::relay {

// Everything that a source is told about its own tracks: receiver reports, NACK, PLI and transport-wide feedback,
// gathered into as few compounds as fit. Owned by a publish session or a pipe, on the shard thread.
class SourceFeedback {
 public:
  // `sender`: our RTCP SSRC.
  explicit SourceFeedback(rtp::Ssrc sender) : sender_(sender) {}

  // A packet with this transport-wide sequence number and size has come.
  void on_transport_seq(rtp::SeqNum seq, Timestamp arrival, size_t bytes) { arrivals_.record(seq, arrival, bytes); }
  // Sends what is due: every 10 ms.
  void tick(Publication& publication, RtpTransport& transport, Counters& counters, Timestamp now);

 private:
  [[nodiscard]] bool write_producer(Producer& producer, ByteWriter& writer, Timestamp now);
  void send_arrivals(Publication& publication, RtpTransport& transport, Counters& counters, Timestamp now);

  rtp::Ssrc sender_;
  congestion::ArrivalRecorder arrivals_;
  Timestamp next_report_{};
  std::array<uint8_t, 1400> buffer_{};
};

}  // namespace footlight::relay
