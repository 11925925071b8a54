#include "rtmp/handshake.h"

#include <algorithm>
#include <array>

#include "base/random.h"

namespace footlight::rtmp {

Handshake::Progress Handshake::read(ByteView& bytes, ByteBuffer& out) {
  if (!answered_) {
    size_t n = std::min(bytes.size(), 1 + kPacketSize - first_.size());
    first_.insert(first_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n));
    bytes = bytes.subspan(n);
    if (!first_.empty() && first_[0] != kVersion) return Progress::kBadVersion;
    if (first_.size() < 1 + kPacketSize) return Progress::kMore;
    // S1: time (4), zero (4), random (1528). S2: C1 as it came; its second field, "time2", may be anything.
    std::array<uint8_t, kPacketSize - 8> random;
    random_fill(random);
    out.u8(kVersion);
    out.zeros(8);
    out.bytes(random);
    out.bytes(ByteView(first_).subspan(1));
    first_ = {};
    answered_ = true;
  }
  size_t n = std::min(bytes.size(), second_left_);
  bytes = bytes.subspan(n);
  second_left_ -= n;
  return second_left_ == 0 ? Progress::kDone : Progress::kMore;
}

}  // namespace footlight::rtmp
