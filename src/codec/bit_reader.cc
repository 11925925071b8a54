#include "codec/bit_reader.h"

namespace footlight::codec {

bool BitReader::read(unsigned bits, uint32_t& out) {
  if (bits > 32 || bits > remaining()) return false;
  uint64_t value = 0;
  for (unsigned i = 0; i < bits; ++i, ++at_) value = value << 1 | (bytes_[at_ / 8] >> (7 - at_ % 8) & 1);
  out = static_cast<uint32_t>(value);
  return true;
}

bool BitReader::flag(bool& out) {
  uint32_t bit = 0;
  if (!read(1, bit)) return false;
  out = bit != 0;
  return true;
}

bool BitReader::skip(size_t bits) {
  if (bits > remaining()) return false;
  at_ += bits;
  return true;
}

bool BitReader::exp_golomb(uint32_t& out) {
  constexpr unsigned kMaxLeadingZeros = 31;  // larger values do not fit 32 bits and no field of ours allows them
  size_t start = at_;
  unsigned zeros = 0;
  bool one = false;
  while (flag(one) && !one && zeros <= kMaxLeadingZeros) ++zeros;
  uint32_t rest = 0;
  if (!one || zeros > kMaxLeadingZeros || !read(zeros, rest)) {
    at_ = start;
    return false;
  }
  out = static_cast<uint32_t>((uint64_t{1} << zeros) - 1 + rest);
  return true;
}

bool BitReader::signed_exp_golomb(int32_t& out) {
  uint32_t code = 0;
  if (!exp_golomb(code)) return false;
  auto half = static_cast<int32_t>(code / 2 + code % 2);
  out = code % 2 ? half : -half;
  return true;
}

}  // namespace footlight::codec
