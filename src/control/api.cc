#include "control/api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/openapi.h"

namespace footlight::control {
namespace {

http::Response refusal_of_body(const http::Request& request, ApiCall::Body body) {
  http::Response fine;
  if (request.body_too_large) return http::problem(413, "The body is larger than 1 MiB.");
  if (body == ApiCall::Body::kUnread || request.body.empty()) return fine;
  if (has_content_type(request, "application/json") || has_content_type(request, "application/merge-patch+json"))
    return fine;
  return http::problem(415, "The body must be JSON: send it with `Content-Type: application/json`.");
}

http::Response openapi_document() {
  http::Response response;
  response.headers.set("Content-Type", "application/yaml");
  response.headers.set("Cache-Control", "max-age=60");
  response.body = openapi_text();
  return response;
}

bool changes_something(std::string_view method) { return method != "GET"; }

}  // namespace

http::Response json_response(int status, const nlohmann::ordered_json& body) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Cache-Control", "no-store");
  response.body = body.dump();
  return response;
}

http::Response unauthorized(const std::string& sentence) {
  auto response = http::problem(401, sentence);
  response.headers.set("WWW-Authenticate", "Bearer");  // RFC 6750 §3
  return response;
}

bool is_event_allowed(const Principal& principal, const std::string& event) {
  return principal.access == Access::kAdmin || principal.event == event;
}

bool has_content_type(const http::Request& request, std::string_view type) {
  std::string_view field = request.headers.get("Content-Type").value_or("");
  field = field.substr(0, field.find(';'));
  while (field.ends_with(' ')) field.remove_suffix(1);
  return std::equal(field.begin(), field.end(), type.begin(), type.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 0x20) : a) == b; });
}

Api::Api(Parts& parts) : parts_(parts) {
  for (const auto& table : {event_calls(), token_calls(), source_calls(), stats_calls(), unbuilt_calls()})
    for (const ApiCall& call : table) add(call);
  router_.on("GET", "/api/v1/events/{event}/stream",
             [this](const auto& request, const auto& params, http::ExchangePtr exchange) {
               open_stream(request, params, std::move(exchange));
             });
  router_.on("GET", "/api/v1/openapi.yaml",
             [](const auto&, const auto&, http::ExchangePtr exchange) { exchange->respond(openapi_document()); });
}

void Api::add(const ApiCall& call) {
  router_.on(call.method, "/api/v1" + std::string(call.pattern),
             [this, call](const auto& request, const auto& params, http::ExchangePtr exchange) {
               run(call, request, params, exchange);
             });
}

Result<Call, http::Response> Api::admit(const ApiCall& api, const http::Request& request,
                                        const http::Params& params) const {
  Call call{parts_, request, params, {}, std::nullopt};
  const auto it = params.find("event");
  if (it != params.end()) call.event = parts_.repository.find_event(it->second);
  const bool open = api.open_when_public &&
                    ((call.event && !call.event->token_audience) || (!call.event && !Authorizer::has_bearer(request)));
  if (!open) {
    auto principal = parts_.authorizer.authenticate(request);
    if (!principal) return unexpected(unauthorized(principal.error().message));
    call.principal = std::move(*principal);
    if (it != params.end() && !is_event_allowed(call.principal, it->second))
      return unexpected(http::problem(403, "This token is for another event."));
    if (call.principal.access < api.access) return unexpected(http::problem(403, "This token's role may not do this."));
  }
  if (it != params.end() && !call.event) return unexpected(http::problem(404, "There is no such event."));
  return call;
}

void Api::run(const ApiCall& api, const http::Request& request, const http::Params& params,
              const http::ExchangePtr& exchange) const {
  auto call = admit(api, request, params);
  // A database that is away knows no token and no event: that is neither 401 nor 404.
  if (const auto error = parts_.repository.take_error()) return exchange->respond(http::problem(503, error->message));
  if (!call) return exchange->respond(std::move(call.error()));
  if (auto refusal = refusal_of_body(request, api.body); refusal.status != 200)
    return exchange->respond(std::move(refusal));
  http::Response response;
  if (!changes_something(api.method)) {
    response = api.handler(*call);
    if (const auto error = parts_.repository.take_error()) response = http::problem(503, error->message);
    return exchange->respond(std::move(response));
  }
  const auto done = parts_.changes.run(Durability::kPower, [&] {
    response = api.handler(*call);
    return response.status < 400;
  });
  if (!done) response = http::problem(503, done.error().message);
  exchange->respond(std::move(response));
}

void Api::open_stream(const http::Request& request, const http::Params& params, http::ExchangePtr exchange) const {
  static constexpr ApiCall kStream{.method = "GET", .access = Access::kPresenter};
  auto call = admit(kStream, request, params);
  if (const auto error = parts_.repository.take_error()) return exchange->respond(http::problem(503, error->message));
  if (!call) return exchange->respond(std::move(call.error()));
  parts_.stream.open(request, call->event->id, std::move(call->principal), std::move(exchange));
}

}  // namespace footlight::control
