#include "token/jwt.h"

#include <nlohmann/json.hpp>

#include "base/text_codec.h"
#include "token/hmac.h"

namespace footlight::token {
namespace {

// base64url of {"alg":"HS256","typ":"JWT"}
constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

std::string text_claim(const nlohmann::json& j, const char* key) { return j.at(key).get_ref<const std::string&>(); }

Result<Claims, TokenError> parse_claims(std::string_view payload) {
  try {
    const auto j = nlohmann::json::parse(payload);
    Claims claims{.jti = text_claim(j, "jti"), .event = text_claim(j, "event")};
    const auto role = role_named(text_claim(j, "role"));
    if (!role || claims.jti.empty() || claims.event.empty()) return unexpected(TokenError::kClaims);
    claims.role = *role;
    claims.name = text_claim(j, "name");
    claims.sub = text_claim(j, "sub");
    const auto& exp = j.at("exp");
    if (!exp.is_number_integer()) return unexpected(TokenError::kClaims);
    claims.exp = exp.get<int64_t>();
    return claims;
  } catch (const nlohmann::json::exception&) {  // exceptions end here (STYLE §2.17)
    return unexpected(TokenError::kClaims);
  }
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kPresenter:
      return "presenter";
    case Role::kProducer:
      return "producer";
  }
  return "";
}

std::optional<Role> role_named(std::string_view name) {
  for (Role role : {Role::kViewer, Role::kPresenter, Role::kProducer})
    if (name_of(role) == name) return role;
  return std::nullopt;
}

std::string_view sentence(TokenError e) {
  switch (e) {
    case TokenError::kMalformed:
      return "the token is not a signed token of this server";
    case TokenError::kAlgorithm:
      return "the token's header is not that of an HS256 token of this server";
    case TokenError::kSignature:
      return "the token's signature is wrong";
    case TokenError::kClaims:
      return "the token's claims are incomplete";
    case TokenError::kExpired:
      return "the token has expired";
  }
  return "";
}

std::string sign(const Claims& claims, const Secret& key) {
  const nlohmann::json j = {{"jti", claims.jti},   {"event", claims.event}, {"role", name_of(claims.role)},
                            {"name", claims.name}, {"sub", claims.sub},     {"exp", claims.exp}};
  // A name from outside was checked to be UTF-8 where it came in; `replace` keeps this total all the same.
  const std::string payload = j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string text = std::string(kHeader) + "." + to_base64url(as_bytes(payload));
  return text + "." + to_base64url(hmac_sha256(key, text));
}

Result<Claims, TokenError> verify(std::string_view text, const Secret& key, WallTime now) {
  if (text.size() > kMaxTokenChars) return unexpected(TokenError::kMalformed);
  const size_t first = text.find('.'), last = text.rfind('.');
  if (first == std::string_view::npos || first == last) return unexpected(TokenError::kMalformed);
  if (text.substr(0, first) != kHeader) return unexpected(TokenError::kAlgorithm);
  const auto signature = from_base64url(text.substr(last + 1));
  if (!signature) return unexpected(TokenError::kMalformed);
  if (!constant_time_equal(*signature, hmac_sha256(key, text.substr(0, last))))
    return unexpected(TokenError::kSignature);
  const auto payload = from_base64url(text.substr(first + 1, last - first - 1));
  if (!payload) return unexpected(TokenError::kMalformed);
  auto claims = parse_claims(as_text(*payload));
  if (claims && now.unix_seconds() >= claims->exp) return unexpected(TokenError::kExpired);
  return claims;
}

}  // namespace footlight::token
