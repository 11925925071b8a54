#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/loop.h"
#include "http/server.h"
#include "state/programme.h"

namespace footlight::control {

struct ControlOptions {
  std::filesystem::path data;  // the default database is <data>/control.db
  std::string database_url;    // "sqlite:PATH"; empty: the default
  Secret admin_token;
  std::string relay_endpoint;  // "unix:<data>/run/relay.sock"
  // Absolute URLs: the public URL where given, else the request's host with the listener's port.
  std::string http_public_url, origin_public_url;
  uint16_t http_port = 8080, origin_port = 8081;
  uint16_t rtmp_port = 0;  // 0: no RTMP
  bool tls = false;        // both listeners
  state::HlsTiming hls;
  int64_t hls_window_s = 14400;
  bool demo = false;                            // keep the event `demo` live at every start of the node
  std::function<std::string()> server_metrics;  // Prometheus text of this process's HTTP servers; may be empty
  Clock& clock = SystemClock::get();
};

// The control plane: events, tokens, sources and their states in a database; the HTTP API, WHIP and WHEP signalling;
// desired and observed state of every role. Owned by control_main; everything runs on the loop's thread. In: requests
// of people (http listener) and of roles (control.sock); out: answers, and calls to the relay. A database that fails
// costs 503s, never the process.
class Control {
 public:
  Control(http::Loop& loop, ControlOptions options);
  ~Control();

  // Opens and migrates the database. The error is one sentence for the operator.
  [[nodiscard]] Result<void, Error> open();

  // /api/v1/…, /whip/…, /whep/…, /healthz, /readyz, /metrics; any other path is 404. Pages and the host check are
  // app's.
  void handle_public(http::Request request, http::ExchangePtr exchange);
  // /desired/{role}/{instance} and /observed/{role}/{instance} on control.sock (ARCHITECTURE.md).
  void handle_roles(http::Request request, http::ExchangePtr exchange);

  // Answers every held request (event streams, long polls), so that a draining server comes to its end.
  void drain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::control
