#pragma once
#include <array>

#include "base/bytes.h"
#include "base/secret.h"

namespace footlight::token {

using Digest = std::array<uint8_t, 32>;

// HMAC-SHA-256 (RFC 2104) over the text.
[[nodiscard]] Digest hmac_sha256(const Secret& key, std::string_view text);
[[nodiscard]] Digest sha256(std::string_view text);

}  // namespace footlight::token
