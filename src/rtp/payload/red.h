#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "rtp/types.h"

namespace footlight::rtp {

enum class RedError { kTruncated, kTooManyBlocks };

// A look at an RFC 2198 payload: earlier packets again, the oldest first, and the new one at the tail. Which packet a
// block repeats is told by its time alone: padding-only packets stand between media in the sequence numbers.
// It owns nothing and dies with the bytes it was parsed from.
class RedView {
 public:
  static constexpr size_t kMaxRedundant = 9;  // Chromium sends 1, and 9 at most

  struct Block {
    PayloadType payload_type{};
    uint16_t time_offset = 0;  // RTP time units before the packet's own; 14 bits
    ByteView data;             // may be empty: nothing is repeated here
  };

  [[nodiscard]] static Result<RedView, RedError> parse(ByteView payload);
  [[nodiscard]] PayloadType primary_type() const { return primary_type_; }
  [[nodiscard]] ByteView primary() const { return primary_; }  // the payload's tail
  [[nodiscard]] std::span<const Block> redundant() const { return std::span(blocks_).first(count_); }

 private:
  RedView() = default;
  std::array<Block, kMaxRedundant> blocks_{};
  size_t count_ = 0;
  PayloadType primary_type_{};
  ByteView primary_;
};

}  // namespace footlight::rtp
