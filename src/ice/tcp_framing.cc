#include "ice/tcp_framing.h"

#include <algorithm>

namespace footlight::ice {
namespace {

// RFC 4571 §2: |  LENGTH (16)  |  RTP or RTCP packet, here STUN, DTLS or SRTP too (RFC 7983) ... |
size_t length_in(ByteView header) { return static_cast<size_t>(header[0] << 8 | header[1]); }

}  // namespace

std::optional<MutableByteView> Deframer::take_packet() {
  if (given_) {
    partial_.clear();
    given_ = false;
  }
  while (!broken_ && !input_.empty()) {
    if (!partial_.empty()) {
      if (auto packet = complete_partial()) return packet;
      continue;
    }
    size_t length = input_.size() >= kFrameHeaderSize ? length_in(input_) : 0;
    broken_ = length > kMaxFrame;
    if (broken_) break;
    if (input_.size() < kFrameHeaderSize + length || input_.size() < kFrameHeaderSize) {
      take_into_partial(input_.size());
      break;
    }
    MutableByteView packet = input_.subspan(kFrameHeaderSize, length);
    input_ = input_.subspan(kFrameHeaderSize + length);
    if (!packet.empty()) return packet;
  }
  return std::nullopt;
}

// The packet that earlier reads began, if the present one ends it; else the input is used up, or the header is known.
std::optional<MutableByteView> Deframer::complete_partial() {
  if (partial_.size() < kFrameHeaderSize) {
    take_into_partial(kFrameHeaderSize - partial_.size());
    if (partial_.size() < kFrameHeaderSize) return std::nullopt;
  }
  size_t length = length_in(partial_);
  broken_ = length > kMaxFrame;
  if (broken_) return std::nullopt;
  take_into_partial(kFrameHeaderSize + length - partial_.size());
  if (partial_.size() < kFrameHeaderSize + length) return std::nullopt;
  if (length == 0) {
    partial_.clear();
    return std::nullopt;
  }
  given_ = true;
  return MutableByteView(partial_).subspan(kFrameHeaderSize);
}

void Deframer::take_into_partial(size_t size) {
  size = std::min(size, input_.size());
  partial_.insert(partial_.end(), input_.begin(), input_.begin() + static_cast<ptrdiff_t>(size));
  input_ = input_.subspan(size);
}

}  // namespace footlight::ice
