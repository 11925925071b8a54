#pragma once
#include <functional>
#include <string>
#include <utility>

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
  Health(Parts& parts, Observer& observer, const Roles& roles, const RequestCounters& counters,
         std::function<std::string()> server_metrics)
      : parts_(parts),
        observer_(observer),
        roles_(roles),
        counters_(counters),
        server_metrics_(std::move(server_metrics)) {}
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
  std::function<std::string()> server_metrics_;
};

}  // namespace footlight::control
