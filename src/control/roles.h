#pragma once
#include <string>

#include "control/desired_server.h"
#include "control/observer.h"
#include "control/parts.h"
#include "http/server.h"

namespace footlight::control {

// control.sock: the roles' way to desired state and back (ARCHITECTURE.md, "How the processes meet"). A role's
// incarnation that was never seen means something: a higher epoch for compose, a new epoch for the relay, a new start
// for the node. Owned by Control; its loop's thread.
class Roles {
 public:
  Roles(Parts& parts, DesiredServer& desired, Observer& observer, bool demo);
  void handle(const http::Request& request, const http::ExchangePtr& exchange);
  [[nodiscard]] bool is_demo_staged() const { return demo_staged_ || !demo_; }

 private:
  void get_desired(const std::string& role, const http::Request& request, const http::ExchangePtr& exchange);
  void get_observed(const std::string& role, const http::ExchangePtr& exchange);
  void put_observed(const std::string& role, const http::Request& request, const http::ExchangePtr& exchange);
  // The error is what the role is told: 409 for an incarnation of the past, 503 for a database that is away.
  [[nodiscard]] Result<void, http::Response> meet(const std::string& role, const std::string& incarnation);
  void welcome(const std::string& role, const std::string& incarnation);  // within a change

  Parts& parts_;
  DesiredServer& desired_;
  Observer& observer_;
  bool demo_ = false;
  bool demo_staged_ = false;
};

}  // namespace footlight::control
