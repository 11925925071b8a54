#include "control/http_relay_calls.h"

#include <nlohmann/json.hpp>

namespace footlight::control {
namespace {

// A relay is back within 2 s of being killed (DESIGN §1); a page waits no longer than this for its answer.
constexpr Duration kPatience = Duration::seconds(5);
constexpr Duration kPause = Duration::millis(100);

http::Request request_for(std::string method, std::string target, std::string body) {
  http::Request request{.method = std::move(method), .target = std::move(target), .body = std::move(body)};
  request.headers.set("Content-Type", "application/json");
  return request;
}

CallError refusal(const http::Response& response) {
  const auto j = nlohmann::json::parse(response.body, nullptr, false);
  const auto detail = j.is_object() ? j.find("detail") : j.end();
  if (j.is_object() && detail != j.end() && detail->is_string()) return {response.status, detail->get<std::string>()};
  return {response.status, "The media relay refused the session."};
}

}  // namespace

HttpRelayCalls::HttpRelayCalls(http::Loop& loop, const std::string& endpoint, const Clock& clock)
    : loop_(loop), clock_(clock), client_(loop, endpoint) {}

void HttpRelayCalls::ask(http::Request request, Timestamp deadline, Answer answer) {
  const auto left = deadline - clock_.now();
  auto copy = request;
  client_.request(std::move(copy), left,
                  [this, request = std::move(request), deadline, answer = std::move(answer)](auto response) mutable {
                    if (response) return answer(std::move(*response));
                    if (clock_.now() + kPause < deadline)
                      return ask_again(std::move(request), deadline, std::move(answer));
                    answer(unexpected(CallError{503, "The media relay is restarting; try again in a moment."}));
                  });
}

void HttpRelayCalls::ask_again(http::Request request, Timestamp deadline, Answer answer) {
  const auto it = pauses_.emplace(pauses_.end());
  *it = loop_.after(kPause, [this, it, request = std::move(request), deadline, answer = std::move(answer)]() mutable {
    auto again = std::move(request);
    auto then = std::move(answer);
    pauses_.erase(it);  // with this closure
    ask(std::move(again), deadline, std::move(then));
  });
}

void HttpRelayCalls::create(const state::SessionRequest& request, CreateCallback done) {
  ask(request_for("POST", "/sessions", state::to_json(request)), clock_.now() + kPatience,
      [done = std::move(done)](Result<http::Response, CallError> response) {
        if (!response) return done(unexpected(response.error()));
        if (response->status != 201 && response->status != 200) return done(unexpected(refusal(*response)));
        auto reply = state::parse_session_reply(response->body);
        if (!reply) return done(unexpected(CallError{503, "The media relay's answer cannot be read."}));
        done(std::move(*reply));
      });
}

void HttpRelayCalls::patch(const std::string& session, const std::string& sdpfrag, PatchCallback done) {
  const nlohmann::json body = {{"sdpfrag", sdpfrag}};
  ask(request_for("PATCH", "/sessions/" + session, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)),
      clock_.now() + kPatience, [done = std::move(done)](Result<http::Response, CallError> response) {
        if (!response) return done(unexpected(response.error()));
        if (response->status == 204) return done(PatchAnswer{});
        if (response->status != 200) return done(unexpected(refusal(*response)));
        const auto j = nlohmann::json::parse(response->body, nullptr, false);
        if (!j.is_object()) return done(unexpected(CallError{503, "The media relay's answer cannot be read."}));
        done(PatchAnswer{j.value("sdpfrag", ""), j.value("ice_tag", "")});
      });
}

}  // namespace footlight::control
