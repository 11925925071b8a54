#include "app/relay_calls.h"

#include <nlohmann/json.hpp>

namespace footlight::app {
namespace {

http::Response json_answer(int status, std::string body) {
  http::Response r;
  r.status = status;
  r.headers.set("Content-Type", "application/json");
  r.body = std::move(body);
  return r;
}

http::Response refusal(const relay::SessionError& error) {
  nlohmann::json body = {{"error", relay::name_of(error.kind)}, {"detail", error.detail}};
  return json_answer(relay::http_status(error.kind),
                     body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

// A function for any thread that answers on the loop.
auto answer_on(http::Loop& loop, http::ExchangePtr exchange) {
  return [&loop, exchange = std::move(exchange)](http::Response response) {
    loop.post([exchange, response = std::move(response)]() mutable { exchange->respond(std::move(response)); });
  };
}

void create(http::Loop& loop, relay::Relay& relay, const http::Request& request, http::ExchangePtr exchange) {
  auto call = state::parse_session_request(request.body);
  if (!call) return exchange->respond(refusal({relay::SessionErrorKind::kUnreadable, call.error().message}));
  relay.create_session(std::move(*call), [answer = answer_on(loop, std::move(exchange))](
                                             Result<state::SessionReply, relay::SessionError> reply) {
    answer(reply ? json_answer(201, state::to_json(*reply)) : refusal(reply.error()));
  });
}

void patch(http::Loop& loop, relay::Relay& relay, const http::Request& request, const std::string& id,
           http::ExchangePtr exchange) {
  auto body = nlohmann::json::parse(request.body, nullptr, false);
  auto text = body.is_object() ? body.find("sdpfrag") : body.end();
  if (text == body.end() || !text->is_string())
    return exchange->respond(refusal({relay::SessionErrorKind::kUnreadable, "The body has no text `sdpfrag`."}));
  relay.patch_session(
      id, text->get<std::string>(),
      [answer = answer_on(loop, std::move(exchange))](Result<relay::PatchReply, relay::SessionError> reply) {
        if (!reply) return answer(refusal(reply.error()));
        if (reply->sdpfrag.empty()) return answer({.status = 204});
        nlohmann::json document = {{"sdpfrag", reply->sdpfrag}, {"ice_tag", reply->ice_tag}};
        answer(json_answer(200, document.dump()));
      });
}

}  // namespace

http::Router relay_calls(http::Loop& loop, relay::Relay& relay) {
  http::Router router;
  router.on("POST", "/sessions",
            [&loop, &relay](const http::Request& request, const http::Params&, http::ExchangePtr exchange) {
              create(loop, relay, request, std::move(exchange));
            });
  router.on("PATCH", "/sessions/{id}",
            [&loop, &relay](const http::Request& request, const http::Params& params, http::ExchangePtr exchange) {
              patch(loop, relay, request, params.at("id"), std::move(exchange));
            });
  router.on("DELETE", "/sessions/{id}",
            [&loop, &relay](const http::Request&, const http::Params& params, http::ExchangePtr exchange) {
              relay.delete_session(params.at("id"),
                                   [answer = answer_on(loop, std::move(exchange))] { answer({.status = 204}); });
            });
  return router;
}

}  // namespace footlight::app
