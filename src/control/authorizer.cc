#include "control/authorizer.h"

namespace footlight::control {
namespace {

constexpr std::string_view kScheme = "Bearer ";

bool same_without_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  return true;
}

// RFC 6750 §2.1; the scheme's name compares without case (RFC 9110 §11.1).
std::string_view bearer_of(const http::Request& request) {
  std::string_view field = request.headers.get("Authorization").value_or("");
  if (field.size() < kScheme.size() || !same_without_case(field.substr(0, kScheme.size() - 1), "Bearer")) return {};
  field.remove_prefix(kScheme.size());
  while (field.starts_with(' ')) field.remove_prefix(1);
  while (field.ends_with(' ')) field.remove_suffix(1);
  return field;
}

Access access_of(token::Role role) {
  switch (role) {
    case token::Role::kViewer:
      return Access::kViewer;
    case token::Role::kPresenter:
      return Access::kPresenter;
    case token::Role::kProducer:
      return Access::kProducer;
  }
  return Access::kNone;
}

}  // namespace

Authorizer::Authorizer(Repository& repository, const Keyring& keyring, Secret admin_token, const Clock& clock)
    : repository_(repository), keyring_(keyring), admin_token_(std::move(admin_token)), clock_(clock) {}

bool Authorizer::has_bearer(const http::Request& request) { return !bearer_of(request).empty(); }

Result<Principal, Error> Authorizer::authenticate(const http::Request& request) {
  const auto text = bearer_of(request);
  if (text.empty()) return fail("This needs a token: send it as `Authorization: Bearer TOKEN`.");
  if (!admin_token_.empty() && admin_token_.matches(text))
    return Principal{.access = Access::kAdmin, .subject = "admin", .token_id = "admin"};
  if (text.starts_with("sk_")) return by_stream_key(text);
  return by_jwt(text);
}

bool Authorizer::is_link(const Event& event, const token::Claims& claims) const {
  if (claims.jti != keyring_.link_token_id(event, claims.role)) return false;
  return claims.role != token::Role::kProducer || event.state != EventState::kArchived;
}

Result<Principal, Error> Authorizer::by_jwt(std::string_view text) {
  const auto claims = token::verify(text, keyring_.token_key(), clock_.wall_now());
  if (!claims) return fail("This token is not valid: " + std::string(token::sentence(claims.error())) + ".");
  Principal principal{.access = access_of(claims->role),
                      .event = claims->event,
                      .subject = claims->sub,
                      .token_id = claims->jti,
                      .expires_at = WallTime::millis(claims->exp * 1000)};
  // A token that we signed is valid though its event is gone: the caller then says 404.
  const auto event = repository_.find_event(claims->event);
  if (!event || is_link(*event, *claims)) return principal;
  const auto invitation = repository_.find_invitation(claims->jti);
  if (!invitation || invitation->revoked) return fail("This token was revoked. Ask the producer for a new link.");
  return principal;
}

Result<Principal, Error> Authorizer::by_stream_key(std::string_view text) {
  const auto hash = hash_of_key(text);
  const auto event = repository_.find_event_of_key(hash);
  if (!event) return fail("This stream key is not valid. Ask the producer for the present one.");
  return Principal{
      .access = Access::kStreamKey, .event = event->id, .subject = "stream-key", .token_id = "key:" + hash};
}

bool Authorizer::still_valid(const Principal& principal) {
  if (principal.access == Access::kAdmin) return true;
  if (clock_.wall_now() >= principal.expires_at) return false;
  const auto event = repository_.find_event(principal.event);
  if (!event) return false;
  if (principal.access == Access::kStreamKey) return principal.token_id == "key:" + event->key_hash;
  for (token::Role role : {token::Role::kViewer, token::Role::kProducer})
    if (access_of(role) == principal.access && is_link(*event, {.jti = principal.token_id, .role = role})) return true;
  const auto invitation = repository_.find_invitation(principal.token_id);
  return invitation && !invitation->revoked;
}

}  // namespace footlight::control
