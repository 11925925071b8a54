#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace footlight {

// RFC 4648: base64 with padding (§4), base64url without (§5), lower-case hexadecimal (§8). Decoders are strict:
// nullopt on any character or length that the encoder would not write.
[[nodiscard]] std::string to_base64(ByteView bytes);
[[nodiscard]] std::optional<std::vector<uint8_t>> from_base64(std::string_view text);
[[nodiscard]] std::string to_base64url(ByteView bytes);
[[nodiscard]] std::optional<std::vector<uint8_t>> from_base64url(std::string_view text);
[[nodiscard]] std::string to_hex(ByteView bytes);
[[nodiscard]] std::optional<std::vector<uint8_t>> from_hex(std::string_view text);

}  // namespace footlight
