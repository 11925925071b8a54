#include "rtp/rtcp/bye.h"

#include "base/check.h"

namespace footlight::rtp::rtcp {

Result<Bye, MessageError> Bye::parse(const Block& block) {
  if (block.type != BlockType::kBye) return unexpected(MessageError::kWrongType);
  ByteReader r(block.body);
  Bye bye;
  if (!r.read_bytes(size_t{block.count} * 4, bye.sources_)) return unexpected(MessageError::kTruncated);
  uint8_t length = 0;
  ByteView reason;
  if (r.read_u8(length)) {
    if (!r.read_bytes(length, reason)) return unexpected(MessageError::kTruncated);
    bye.reason_ = as_text(reason);
  }
  return bye;
}

Ssrc Bye::at(size_t i) const {
  CHECK(i < size());
  ByteReader r(sources_.subspan(i * 4));
  uint32_t source = 0;
  CHECK(r.read_u32(source));
  return Ssrc(source);
}

void write_bye(ByteWriter& w, std::span<const Ssrc> sources) {
  constexpr size_t kMaxSources = 31;  // SC has five bits
  CHECK(sources.size() <= kMaxSources);
  write_block_header(w, static_cast<uint8_t>(sources.size()), BlockType::kBye, sources.size() * 4);
  for (Ssrc s : sources) w.u32(s.value());
}

}  // namespace footlight::rtp::rtcp
