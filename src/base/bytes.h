#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace footlight {

using ByteView = std::span<const uint8_t>;
using MutableByteView = std::span<uint8_t>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Reads network-order numbers from bytes that a peer sent. Every read compares with remaining(), returns false and
// leaves `out` alone when there is not enough; nothing is read past the end, ever.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] size_t remaining() const { return bytes_.size() - at_; }
  [[nodiscard]] size_t position() const { return at_; }
  [[nodiscard]] ByteView rest() const { return bytes_.subspan(at_); }

  [[nodiscard]] bool read_u8(uint8_t& out) { return read_be<1>(out); }
  [[nodiscard]] bool read_u16(uint16_t& out) { return read_be<2>(out); }
  [[nodiscard]] bool read_u24(uint32_t& out) { return read_be<3>(out); }
  [[nodiscard]] bool read_u32(uint32_t& out) { return read_be<4>(out); }
  [[nodiscard]] bool read_u64(uint64_t& out) { return read_be<8>(out); }
  [[nodiscard]] bool read_bytes(size_t n, ByteView& out) {
    if (n > remaining()) return false;
    out = bytes_.subspan(at_, n);
    at_ += n;
    return true;
  }
  [[nodiscard]] bool skip(size_t n) {
    if (n > remaining()) return false;
    at_ += n;
    return true;
  }

 private:
  template <size_t kBytes, class T>
  bool read_be(T& out) {
    if (kBytes > remaining()) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < kBytes; ++i) value = value << 8 | bytes_[at_ + i];
    out = static_cast<T>(value);
    at_ += kBytes;
    return true;
  }

  ByteView bytes_;
  size_t at_ = 0;
};

// Writes network-order numbers into a caller's fixed buffer. A write that does not fit writes nothing and makes ok()
// false for good, so one test at the end is enough.
class ByteWriter {
 public:
  explicit ByteWriter(MutableByteView out) : out_(out) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] size_t size() const { return at_; }
  [[nodiscard]] ByteView written() const { return out_.first(at_); }

  void u8(uint8_t v) { write_be<1>(v); }
  void u16(uint16_t v) { write_be<2>(v); }
  void u24(uint32_t v) { write_be<3>(v); }
  void u32(uint32_t v) { write_be<4>(v); }
  void u64(uint64_t v) { write_be<8>(v); }
  void bytes(ByteView v) {
    if (!fits(v.size())) return;
    if (!v.empty()) std::memcpy(out_.data() + at_, v.data(), v.size());
    at_ += v.size();
  }
  void zeros(size_t n) {
    if (!fits(n)) return;
    std::fill_n(out_.begin() + static_cast<ptrdiff_t>(at_), n, uint8_t{0});
    at_ += n;
  }

 private:
  bool fits(size_t n) { return ok_ = ok_ && n <= out_.size() - at_; }
  template <size_t kBytes>
  void write_be(uint64_t v) {
    if (!fits(kBytes)) return;
    for (size_t i = 0; i < kBytes; ++i) out_[at_ + i] = static_cast<uint8_t>(v >> (8 * (kBytes - 1 - i)));
    at_ += kBytes;
  }

  MutableByteView out_;
  size_t at_ = 0;
  bool ok_ = true;
};

// The same for a growing buffer: containers (fMP4, AMF) whose size is known only at the end. Not for the hot path.
class ByteBuffer {
 public:
  void u8(uint64_t v) { write_be<1>(v); }
  void u16(uint64_t v) { write_be<2>(v); }
  void u24(uint64_t v) { write_be<3>(v); }
  void u32(uint64_t v) { write_be<4>(v); }
  void u64(uint64_t v) { write_be<8>(v); }
  void bytes(ByteView v) { data_.insert(data_.end(), v.begin(), v.end()); }
  void text(std::string_view v) { bytes(as_bytes(v)); }
  void zeros(size_t n) { data_.insert(data_.end(), n, uint8_t{0}); }
  // Overwrites four bytes at `at`, which must have been written: sizes that are known afterwards.
  void patch_u32(size_t at, uint32_t v) {
    for (size_t i = 0; i < 4; ++i) data_.at(at + i) = static_cast<uint8_t>(v >> (8 * (3 - i)));
  }
  [[nodiscard]] size_t size() const { return data_.size(); }
  [[nodiscard]] ByteView view() const { return data_; }
  [[nodiscard]] std::vector<uint8_t> take() { return std::move(data_); }

 private:
  template <size_t kBytes>
  void write_be(uint64_t v) {
    for (size_t i = 0; i < kBytes; ++i) data_.push_back(static_cast<uint8_t>(v >> (8 * (kBytes - 1 - i))));
  }
  std::vector<uint8_t> data_;
};

}  // namespace footlight
