#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/units.h"

namespace footlight::token {

enum class Role { kViewer, kPresenter, kProducer };
[[nodiscard]] std::string_view name_of(Role role);  // "viewer" | "presenter" | "producer"
[[nodiscard]] std::optional<Role> role_named(std::string_view name);

struct Claims {
  std::string jti;    // the token's own id: what revocation names
  std::string event;  // the one event that it is good for
  Role role = Role::kViewer;
  std::string name;  // a person's name for display; may be empty
  std::string sub;   // whose sources it publishes: the same subject takes over its own source
  int64_t exp = 0;   // Unix seconds; refused from this second on
  bool operator==(const Claims&) const = default;
};

enum class TokenError { kMalformed, kAlgorithm, kSignature, kClaims, kExpired };
[[nodiscard]] std::string_view sentence(TokenError e);

// Text longer than this is refused unread; ours are under 400 characters.
inline constexpr size_t kMaxTokenChars = 2048;

// Compact serialisation (RFC 7515 §3.1) with the fixed header {"alg":"HS256","typ":"JWT"}. The same claims and key
// give the same text.
[[nodiscard]] std::string sign(const Claims& claims, const Secret& key);

// Checks header, signature (constant time), form and expiry, in this order: claims of a forged token are never parsed.
// Only our own header passes, so `alg` cannot be chosen by the sender (RFC 8725 §3.1).
[[nodiscard]] Result<Claims, TokenError> verify(std::string_view text, const Secret& key, WallTime now);

}  // namespace footlight::token
