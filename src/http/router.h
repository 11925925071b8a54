#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"

namespace footlight::http {

using Params = std::map<std::string, std::string, std::less<>>;  // from "{name}" in the pattern, percent-decoded
using RouteHandler = std::function<void(const Request&, const Params&, ExchangePtr)>;

// Path patterns of literal segments and "{name}" segments; "{name...}" at the end takes the rest. The first match by
// order of registration wins. HEAD is answered by the GET route without the body. Not thread-safe: build, then use.
class Router {
 public:
  void on(std::string_view method, std::string_view pattern, RouteHandler handler);
  // Runs the handler, or answers 404, or 405 with Allow (problem+json). `fallback` takes 404 instead when set.
  void route(Request request, ExchangePtr exchange) const;
  void fallback(RouteHandler handler) { fallback_ = std::move(handler); }

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    RouteHandler handler;
  };
  std::vector<Route> routes_;
  RouteHandler fallback_;
};

// RFC 9457 application/problem+json: {"type":"about:blank","title":…,"status":…,"detail":…}.
[[nodiscard]] Response problem(int status, std::string_view detail);

}  // namespace footlight::http
