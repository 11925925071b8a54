#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace footlight::codec {

// Reads bits, most significant first, from bytes that a peer sent. A read past the end fails and leaves `out` alone.
class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] bool read(unsigned bits, uint32_t& out);  // bits 0..32
  [[nodiscard]] bool flag(bool& out);
  [[nodiscard]] bool skip(size_t bits);
  [[nodiscard]] bool exp_golomb(uint32_t& out);        // ue(v), ITU-T H.264 §9.1
  [[nodiscard]] bool signed_exp_golomb(int32_t& out);  // se(v), §9.1.1
  [[nodiscard]] size_t remaining() const { return bytes_.size() * 8 - at_; }

 private:
  ByteView bytes_;
  size_t at_ = 0;
};

}  // namespace footlight::codec
