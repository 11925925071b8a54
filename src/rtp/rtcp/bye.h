#pragma once
#include <span>
#include <string_view>

#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// RFC 3550 §6.6: sources that leave.
class Bye {
 public:
  [[nodiscard]] static Result<Bye, MessageError> parse(const Block& block);
  [[nodiscard]] size_t size() const { return sources_.size() / 4; }
  [[nodiscard]] Ssrc at(size_t i) const;
  [[nodiscard]] std::string_view reason() const { return reason_; }

 private:
  ByteView sources_;
  std::string_view reason_;
};

// At most 31 sources.
void write_bye(ByteWriter& w, std::span<const Ssrc> sources);

}  // namespace footlight::rtp::rtcp
