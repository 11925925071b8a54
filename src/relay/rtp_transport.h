#pragma once
#include "base/bytes.h"
#include "base/units.h"
#include "rtp/types.h"

namespace footlight::relay {

// The sending side of whatever carries a consumer's RTP: a viewer's WebRTC transport, or the pipe. Owned by a session
// or a pipe, on the shard thread. Slots lie in the datagram output; a packet that cannot be sent is counted and gone.
class RtpTransport {
 public:
  virtual ~RtpTransport() = default;
  // Address and keys are known.
  [[nodiscard]] virtual bool writable() const = 0;
  // Room for an RTP header; send_rtp() encrypts `payload` in behind it. Only while writable().
  [[nodiscard]] virtual MutableByteView rtp_slot() = 0;
  // Bytes of the whole datagram, 0 when it was refused.
  virtual size_t send_rtp(size_t header_size, ByteView payload) = 0;
  // Encrypts and sends a compound packet of at most 1,400 bytes.
  virtual void send_rtcp(ByteView compound) = 0;
  // What sending will touch, in steps of which each needs what the one before has brought: 0, then 1.
  virtual void prefetch_step(int) const {}
  // The next transport-wide sequence number.
  [[nodiscard]] rtp::SeqNum next_transport_seq() {
    transport_seq_ = transport_seq_.plus(1);
    return transport_seq_;
  }

 private:
  rtp::SeqNum transport_seq_{};
};

}  // namespace footlight::relay
