#pragma once
#include <span>

#include "base/units.h"
#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// draft-alvestrand-rmcat-remb-03 §2.2: the receiver's estimate of the whole path, for the named sources.
class Remb {
 public:
  [[nodiscard]] static Result<Remb, MessageError> parse(const Block& block);
  [[nodiscard]] Ssrc sender() const { return sender_; }
  [[nodiscard]] DataRate rate() const { return rate_; }
  [[nodiscard]] size_t size() const { return sources_.size() / 4; }
  [[nodiscard]] Ssrc at(size_t i) const;

 private:
  Ssrc sender_{};
  DataRate rate_;
  ByteView sources_;
};

// The rate is rounded down to 18 bits of mantissa. At most 255 sources.
void write_remb(ByteWriter& w, Ssrc sender, DataRate rate, std::span<const Ssrc> sources);

}  // namespace footlight::rtp::rtcp
