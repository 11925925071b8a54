#pragma once
#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// RFC 5104 §4.3.1: a command to send a key frame; `number` grows with each new command, repeats keep it.
struct FirEntry {
  Ssrc media{};
  uint8_t number = 0;
};

class Fir {
 public:
  [[nodiscard]] static Result<Fir, MessageError> parse(const Block& block);
  [[nodiscard]] Ssrc sender() const { return sender_; }
  [[nodiscard]] size_t size() const { return entries_.size() / 8; }
  [[nodiscard]] FirEntry at(size_t i) const;

 private:
  Ssrc sender_{};
  ByteView entries_;
};

void write_fir(ByteWriter& w, Ssrc sender, FirEntry entry);

}  // namespace footlight::rtp::rtcp
