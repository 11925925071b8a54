#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/random_tape.h"
#include "relay/capture.h"
#include "relay/shard_core.h"

namespace footlight::relay {

// Gives a capture to a relay of its own, offline: the same calls, packets, times and randomness, without sockets, keys
// and handshakes. Owned by a test or a tool, on one thread. What comes out is what the captured relay observed, but for
// datagrams that it refused before they were decrypted, composes' addresses, and what came over links. Reads captures
// of any content.
class Replay {
 public:
  explicit Replay(const dtls::Certificate& certificate);

  // False: this is no capture, or it ends in the middle of a record; what came before has been played.
  [[nodiscard]] bool play(ByteView capture);
  [[nodiscard]] state::RelayObserved observed(Timestamp now);
  [[nodiscard]] const Counters& counters() const { return core_->counters(); }
  // The capture has no gap, and the replay used randomness where the captured relay did.
  [[nodiscard]] bool exact() const { return !gap_ && !tape_.ran_out(); }

 private:
  // Sends nothing, and counts it as sent.
  class Nowhere final : public DatagramOutput {
   public:
    [[nodiscard]] MutableByteView slot(const AddressPair&) override { return bytes_; }
    void commit(size_t) override {}

   private:
    std::array<uint8_t, kSlotSize> bytes_{};
  };
  void begin(const CaptureRecord& options);

  const dtls::Certificate& certificate_;
  Nowhere media_;
  Nowhere pipe_;
  RandomTape tape_{RandomTape::Mode::kPlay};
  bool gap_ = false;
  std::unique_ptr<ShardCore> core_;
};

}  // namespace footlight::relay
