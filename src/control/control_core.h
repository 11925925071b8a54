#pragma once
#include <memory>

#include "control/api.h"
#include "control/control.h"
#include "control/desired_server.h"
#include "control/health.h"
#include "control/observer.h"
#include "control/relay_calls.h"
#include "control/repository.h"
#include "control/roles.h"
#include "control/signalling.h"

namespace footlight::control {

// Control without sockets, timers and files: what Control joins to them, and what its tests drive by hand. Owned by
// Control; one thread. tick() once a second.
class ControlCore {
 public:
  // `repository` is open; `relay` outlives this.
  ControlCore(const ControlOptions& options, std::unique_ptr<Repository> repository, RelayCalls& relay);
  ControlCore(const ControlCore&) = delete;
  ControlCore& operator=(const ControlCore&) = delete;

  void handle_public(http::Request request, http::ExchangePtr exchange);
  void handle_roles(const http::Request& request, const http::ExchangePtr& exchange) {
    roles_.handle(request, exchange);
  }
  void tick();
  void drain();

 private:
  std::unique_ptr<Repository> repository_;
  Keyring keyring_;
  Authorizer authorizer_;
  Addresses addresses_;
  EventStream stream_;
  Changes changes_;
  LastDocuments last_documents_;
  Parts parts_;
  DesiredDocuments documents_;
  DesiredServer desired_;
  Observer observer_;
  Roles roles_;
  Signalling signalling_;
  Api api_;
  RequestCounters counters_;
  Health health_;
};

}  // namespace footlight::control
