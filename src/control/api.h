#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "control/parts.h"
#include "http/router.h"
#include "http/server.h"

namespace footlight::control {

// One call that has passed the door: who calls, for which event, with which body.
struct Call {
  Parts& parts;
  const http::Request& request;
  const http::Params& params;
  Principal principal;
  std::optional<Event> event;  // of "{event}" in the path
};

// Makes the answer. Runs within a change for methods that change; an answer of 400 or more undoes what it did.
using CallHandler = http::Response (*)(Call& call);

// What a row of the API asks of a request before the handler sees it.
struct ApiCall {
  std::string_view method, pattern;  // "{event}" is checked against the token and looked up
  Access access = Access::kAdmin;
  CallHandler handler = nullptr;
  enum class Body { kNone, kJson, kUnread } body = Body::kNone;
  bool open_when_public = false;  // public events ask for no token
};

// The calls of `/api/v1`: one door for all of them, so that the order of refusals (CONTRACT §3) stands in one place:
// 401, 403, 404, 413 and 415, then the handler's 400 and 422; a database that fails is 503. Owned by Control.
class Api {
 public:
  explicit Api(Parts& parts);
  void handle(http::Request request, http::ExchangePtr exchange) const {
    router_.route(std::move(request), std::move(exchange));
  }

 private:
  void add(const ApiCall& call);
  void run(const ApiCall& api, const http::Request& request, const http::Params& params,
           const http::ExchangePtr& exchange) const;
  void open_stream(const http::Request& request, const http::Params& params, http::ExchangePtr exchange) const;
  // Who calls, or the refusal.
  [[nodiscard]] Result<Call, http::Response> admit(const ApiCall& api, const http::Request& request,
                                                   const http::Params& params) const;
  Parts& parts_;
  http::Router router_;
};

// The tables, one a subject.
[[nodiscard]] std::span<const ApiCall> event_calls();
[[nodiscard]] std::span<const ApiCall> token_calls();
[[nodiscard]] std::span<const ApiCall> source_calls();
[[nodiscard]] std::span<const ApiCall> stats_calls();
[[nodiscard]] std::span<const ApiCall> unbuilt_calls();  // named by the contract, answered 501

// For handlers.
[[nodiscard]] http::Response json_response(int status, const nlohmann::ordered_json& body);
[[nodiscard]] http::Response unauthorized(const std::string& sentence);
[[nodiscard]] bool is_event_allowed(const Principal& principal, const std::string& event);
// "application/json" and "application/merge-patch+json" as `type`; parameters and case do not count.
[[nodiscard]] bool has_content_type(const http::Request& request, std::string_view type);

}  // namespace footlight::control
