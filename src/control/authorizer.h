#pragma once
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "control/keyring.h"
#include "control/repository.h"
#include "http/message.h"

namespace footlight::control {

// In rising order: who may do more may do all that is less. A stream key publishes and does nothing else.
enum class Access { kNone, kStreamKey, kViewer, kPresenter, kProducer, kAdmin };

struct Principal {
  Access access = Access::kNone;
  std::string event;     // the one event it is good for; empty: all (admin)
  std::string subject;   // whose sources it publishes
  std::string token_id;  // what revoking names
  WallTime expires_at = WallTime::micros(INT64_MAX);
};

// Says who a request's bearer token is: the admin token, an event's JWT (invitation or link), or a stream key.
// Owned by Control. In: a request; out: a principal, or the sentence of a 401.
class Authorizer {
 public:
  Authorizer(Repository& repository, const Keyring& keyring, Secret admin_token, const Clock& clock);

  [[nodiscard]] static bool has_bearer(const http::Request& request);
  [[nodiscard]] Result<Principal, Error> authenticate(const http::Request& request);
  // Still good? For what outlives its request: event streams, and sessions whose call took a while.
  [[nodiscard]] bool still_valid(const Principal& principal);

 private:
  [[nodiscard]] Result<Principal, Error> by_jwt(std::string_view text);
  [[nodiscard]] Result<Principal, Error> by_stream_key(std::string_view text);
  [[nodiscard]] bool is_link(const Event& event, const token::Claims& claims) const;

  Repository& repository_;
  const Keyring& keyring_;
  Secret admin_token_;
  const Clock& clock_;
};

}  // namespace footlight::control
