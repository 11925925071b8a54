#pragma once
#include <array>
#include <memory>

#include "base/bytes.h"

namespace footlight::srtp {

// AES-GCM by Intel's multi-buffer library, one call a packet (decision 0014). Only where the build found the library
// and the processor has what it needs. One key for both directions; takes no memory per packet; wiped at its end.
class FastGcm {
 public:
  // nullptr: not on this machine.
  [[nodiscard]] static std::unique_ptr<FastGcm> make(ByteView key);  // 16 or 32 bytes
  virtual ~FastGcm() = default;
  // From its beginning: round keys, and powers of the hash key for a packet of an Ethernet MTU.
  static constexpr size_t kHotSize = 1088;
  // `tag` has 16 bytes; `out` may be `in` and is as long.
  virtual void seal(const uint8_t* nonce, ByteView associated, ByteView in, uint8_t* out, uint8_t* tag) const = 0;
  // The tag that fits what was deciphered; the caller compares.
  virtual void open(const uint8_t* nonce, ByteView associated, ByteView in, uint8_t* out, uint8_t* tag) const = 0;
};

}  // namespace footlight::srtp
