#pragma once
#include <string>

#include "control/event_stream.h"
#include "control/metrics.h"
#include "control/observer.h"
#include "control/parts.h"
#include "control/roles.h"
#include "http/server.h"

namespace footlight::control {

// /healthz, /readyz and /metrics. Owned by Control.
class Health {
 public:
  Health(Parts& parts, Observer& observer, const Roles& roles, const RequestCounters& counters)
      : parts_(parts), observer_(observer), roles_(roles), counters_(counters) {}
  // False when the path is none of them.
  bool handle(const http::Request& request, const http::ExchangePtr& exchange);

 private:
  [[nodiscard]] http::Response ready();
  [[nodiscard]] http::Response metrics();
  [[nodiscard]] std::string own_metrics();

  Parts& parts_;
  Observer& observer_;
  const Roles& roles_;
  const RequestCounters& counters_;
};

}  // namespace footlight::control
