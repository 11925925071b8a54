#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"

namespace footlight::fmp4 {

// Writes the header of a box now and its size when it goes out of scope (ISO/IEC 14496-12 §4.2). Boxes nest by scope.
class BoxScope {
 public:
  BoxScope(ByteBuffer& out, const char (&type)[5]) : out_(out), start_(out.size()) {
    out_.u32(0);
    out_.text({type, 4});
  }
  // A full box: version and flags follow the header.
  BoxScope(ByteBuffer& out, const char (&type)[5], uint8_t version, uint32_t flags) : BoxScope(out, type) {
    out_.u8(version);
    out_.u24(flags);
  }
  BoxScope(const BoxScope&) = delete;
  BoxScope& operator=(const BoxScope&) = delete;
  ~BoxScope() {
    CHECK(out_.size() - start_ <= UINT32_MAX);
    out_.patch_u32(start_, static_cast<uint32_t>(out_.size() - start_));
  }

 private:
  ByteBuffer& out_;
  size_t start_;
};

}  // namespace footlight::fmp4
