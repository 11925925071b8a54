#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/rfc3339.h"
#include "control/api.h"
#include "control/event_json.h"
#include "control/json_body.h"
#include "control/sessions.h"

namespace footlight::control {
namespace {

constexpr size_t kMaxNameChars = 100;
constexpr int64_t kDefaultTtlS = 86'400;
constexpr int64_t kMaxTtlS = 366 * 86'400;
constexpr size_t kTokenIdBytes = 12;

http::Response create_token(Call& call) {
  const auto body = parse_object(call.request.body);
  if (!body) return http::problem(body.error().status, body.error().detail);
  Faults faults;
  const Fields fields(faults, *body, "", {"role", "name", "ttl_s"});
  const auto role = fields.choice("role", {"producer", "presenter", "viewer"});
  if (!fields.has("role")) fields.impossible("role", "is required");
  const auto name = fields.text("name", kMaxNameChars, /*may_be_empty=*/true);
  const auto ttl = fields.integer("ttl_s", 1, kMaxTtlS);
  if (const auto fault = faults.first()) return http::problem(fault->status, fault->detail);

  // Whole seconds, as JWT has them (RFC 7519 §2, NumericDate).
  const int64_t expires = call.parts.clock.wall_now().unix_seconds() + ttl.value_or(kDefaultTtlS);
  const Invitation invitation{.id = random_id(kTokenIdBytes),
                              .event = call.event->id,
                              .role = token::role_named(*role).value_or(token::Role::kViewer),
                              .name = name.value_or(""),
                              .expires_at = WallTime::millis(expires * 1000)};
  call.parts.repository.insert_invitation(invitation);
  const auto text = token::sign({.jti = invitation.id,
                                 .event = invitation.event,
                                 .role = invitation.role,
                                 .name = invitation.name,
                                 .sub = invitation.id,
                                 .exp = expires},
                                call.parts.keyring.token_key());
  const auto base = call.parts.addresses.of(call.request);
  return json_response(201, {{"id", invitation.id},
                             {"role", *role},
                             {"name", invitation.name},
                             {"token", text},
                             {"url", page_url(base, invitation.event, invitation.role, text)},
                             {"expires_at", to_rfc3339(invitation.expires_at)}});
}

http::Response delete_token(Call& call) {
  auto invitation = call.parts.repository.find_invitation(call.params.find("token")->second);
  if (!invitation || invitation->event != call.event->id) return http::problem(404, "There is no such invitation.");
  invitation->revoked = true;
  call.parts.repository.update_invitation(*invitation);
  end_sessions_of_token(call.parts, call.event->id, invitation->id);
  http::Response response;
  response.status = 204;
  return response;
}

http::Response rotate_stream_key(Call& call) {
  const auto key = new_stream_key();
  end_sessions_of_token(call.parts, call.event->id, "key:" + call.event->key_hash);
  call.event->key_hash = hash_of_key(key);
  call.parts.repository.update_event(*call.event);  // the representation has no key: no new revision
  return json_response(200, {{"stream_key", key}});
}

constexpr ApiCall kCalls[] = {
    {"POST", "/events/{event}/tokens", Access::kProducer, create_token, ApiCall::Body::kJson},
    {"DELETE", "/events/{event}/tokens/{token}", Access::kProducer, delete_token},
    {"POST", "/events/{event}/stream-key/rotate", Access::kProducer, rotate_stream_key, ApiCall::Body::kJson},
};

}  // namespace

std::span<const ApiCall> token_calls() { return kCalls; }

}  // namespace footlight::control
