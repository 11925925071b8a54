#pragma once
#include <string>

#include "base/secret.h"

namespace footlight::ice {

// One side's short-term credentials of an ICE generation (RFC 8445 §5.3): ufrag ≥ 24 bits, password ≥ 128 bits.
struct Credentials {
  std::string ufrag;
  Secret password;
};

// Fresh random ones: ufrag of 8 characters, password of 24, both ice-chars.
[[nodiscard]] Credentials make_credentials();

}  // namespace footlight::ice
