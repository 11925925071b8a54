#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace footlight {

// Randomness from the kernel (getrandom): keys, tokens, ids, SSRCs. Any thread.
void random_fill(MutableByteView out);
[[nodiscard]] uint32_t random_u32();
[[nodiscard]] uint64_t random_u64();
// `bytes` random bytes as base64url: 16 bytes make an unguessable id of 22 characters.
[[nodiscard]] std::string random_id(size_t bytes = 16);

}  // namespace footlight
