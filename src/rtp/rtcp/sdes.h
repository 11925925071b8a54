#pragma once
#include <optional>
#include <string_view>

#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::rtp::rtcp {

// RFC 3550 §6.5, as far as anyone uses it: the CNAME of a source.
struct SdesChunk {
  Ssrc source{};
  std::string_view cname;  // empty where the chunk has none
};

// Walks the chunks; parse() has checked them all.
class Sdes {
 public:
  [[nodiscard]] static Result<Sdes, MessageError> parse(const Block& block);
  [[nodiscard]] bool next(SdesChunk& out);

 private:
  explicit Sdes(const Block& block) : reader_(block.body), left_(block.count) {}
  ByteReader reader_;
  size_t left_;
};

// One chunk with a CNAME of at most 255 bytes (longer ones are cut).
void write_sdes_cname(ByteWriter& w, Ssrc source, std::string_view cname);

}  // namespace footlight::rtp::rtcp
