#pragma once
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "srtp/master_key.h"

namespace footlight::srtp {

enum class SrtpError {
  kTooShort,        // not even a header and a tag, or no room in the buffer
  kMalformed,       // the RTP header's CSRC list or extension runs past the end
  kReplayed,        // this index was seen (receive) or sent (protect) before
  kTooOld,          // below the replay window: cannot be told from a replay
  kUnauthentic,     // the tag does not fit
  kTooManyStreams,  // more SSRCs than the session's bound
  kKeyExhausted,    // 2^31 SRTCP packets sent under one key (RFC 3711 §9.2): a new session is due
};

// SSRCs a direction keeps state for; a browser's simulcast publisher with RTX needs 8.
inline constexpr size_t kDefaultMaxStreams = 64;

// Refuse: no SSRC is ever forgotten, or its old packets could be replayed. Forget the oldest: for a pipe, whose sources
// come and go for days. Only where SSRCs are drawn at random and none comes again: a sender that has forgotten one
// would begin its indices anew.
enum class WhenFull : uint8_t { kRefuse, kForgetOldest };

// Refuse: an index is never protected twice. Identical bytes only: a resend of the same packet, byte for byte (the
// pipe's plain retransmission), is protected again into the same ciphertext. Different bytes under one index would
// give the key away (RFC 7714 §10.1), so only a sender that keeps the whole packet may choose this.
enum class Repeats : uint8_t { kRefuse, kIdenticalBytes };

// Sending half of an SRTP session (RFC 3711; RFC 7714 for AES-GCM): one key, many SSRCs. Owned by a transport, on its
// thread. The rollover counter of a new SSRC starts at 0 (a late joiner's does too), so begin sequence numbers below
// 2^15. No heap and no lock per packet after an SSRC's first one.
class SrtpSender {
 public:
  explicit SrtpSender(const MasterKey& key, Repeats repeats = Repeats::kRefuse, size_t max_streams = kDefaultMaxStreams,
                      WhenFull when_full = WhenFull::kRefuse);
  ~SrtpSender();
  SrtpSender(SrtpSender&&) noexcept;
  SrtpSender& operator=(SrtpSender&&) noexcept;

  // In place: `buffer` holds a packet of `size` bytes and kMaxRtpOverhead of room behind it. Returns the new size.
  [[nodiscard]] Result<size_t, SrtpError> protect_rtp(MutableByteView buffer, size_t size);
  // Straight into the send slot: `out` holds the finished RTP header of `header_size` bytes (CSRCs and extension
  // block included); `payload` is encrypted from where it lies, behind the header. It must not overlap `out`.
  [[nodiscard]] Result<size_t, SrtpError> protect_rtp(MutableByteView out, size_t header_size, ByteView payload);
  // In place, a whole compound packet, kMaxRtcpOverhead of room.
  [[nodiscard]] Result<size_t, SrtpError> protect_rtcp(MutableByteView buffer, size_t size);

  // What protect_rtp() will touch, in steps of which each needs what the one before has brought: 0, then 1.
  void prefetch_step(int step) const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// Receiving half. State changes only after a packet has authenticated, so that forged packets neither move a window
// nor take a stream's place.
class SrtpReceiver {
 public:
  explicit SrtpReceiver(const MasterKey& key, size_t max_streams = kDefaultMaxStreams,
                        WhenFull when_full = WhenFull::kRefuse);
  ~SrtpReceiver();
  SrtpReceiver(SrtpReceiver&&) noexcept;
  SrtpReceiver& operator=(SrtpReceiver&&) noexcept;

  // In place; returns the size of the plain packet. After an error the bytes are worthless.
  [[nodiscard]] Result<size_t, SrtpError> unprotect_rtp(MutableByteView packet);
  [[nodiscard]] Result<size_t, SrtpError> unprotect_rtcp(MutableByteView packet);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::srtp
