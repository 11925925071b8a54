#include "control/roles.h"

#include <charconv>

#include "base/log.h"
#include "control/demo.h"
#include "control/lifecycle.h"
#include "http/router.h"

namespace footlight::control {
namespace {

constexpr Logger kLog("control");
constexpr std::string_view kDesired = "/desired/", kObserved = "/observed/";
constexpr std::string_view kCompose = "compose/";

bool is_role(std::string_view role) {
  return role == "node/local" || role == "relay/local" || role == "origin/local" ||
         (role.starts_with(kCompose) && role.size() > kCompose.size());
}

}  // namespace

Roles::Roles(Parts& parts, DesiredServer& desired, Observer& observer, bool demo)
    : parts_(parts), desired_(desired), observer_(observer), demo_(demo) {}

void Roles::handle(const http::Request& request, const http::ExchangePtr& exchange) {
  const auto path = http::percent_decode(request.path()).value_or("");
  const bool desired = path.starts_with(kDesired);
  const std::string role = path.substr(std::min(path.size(), desired ? kDesired.size() : kObserved.size()));
  if ((!desired && !path.starts_with(kObserved)) || !is_role(role))
    return exchange->respond(http::problem(404, "There is no such role."));
  if (request.method == "GET") return desired ? get_desired(role, request, exchange) : get_observed(role, exchange);
  if (request.method == "PUT" && !desired) return put_observed(role, request, exchange);
  exchange->respond(
      http::problem(405, "Desired state is read with GET; observed state is sent with PUT and read back with GET."));
}

void Roles::welcome(const std::string& role, const std::string& incarnation) {
  auto& repository = parts_.repository;
  if (role == "relay/local") return adopt_relay_epoch(parts_, incarnation);
  uint64_t epoch = 0;
  if (role.starts_with(kCompose)) {
    auto event = repository.find_event(role.substr(kCompose.size()));
    if (!event) return;
    epoch = ++event->counters.programme_epoch;
    repository.update_event(*event);
  }
  repository.remember_incarnation(role, incarnation, epoch);
  if (role == "node/local" && demo_) stage_demo(parts_);
}

Result<void, http::Response> Roles::meet(const std::string& role, const std::string& incarnation) {
  auto& repository = parts_.repository;
  const auto newest = repository.newest_incarnation(role);
  const bool current = newest && newest->id == incarnation;
  const bool past = !current && repository.knows_incarnation(role, incarnation);
  if (const auto error = repository.take_error()) return unexpected(http::problem(503, error->message));
  if (past) return unexpected(http::problem(409, "A newer process has taken this role."));
  if (!current) {
    const auto stored = parts_.changes.run(Durability::kPower, [&] {
      welcome(role, incarnation);
      return true;
    });
    if (!stored) return unexpected(http::problem(503, stored.error().message));
    kLog.info("a role has started", {{"role", role}, {"incarnation", incarnation}});
  }
  demo_staged_ = demo_staged_ || (role == "node/local" && demo_);
  return {};
}

void Roles::get_desired(const std::string& role, const http::Request& request, const http::ExchangePtr& exchange) {
  const auto incarnation = request.query_value("incarnation").value_or("");
  if (incarnation.empty() || incarnation.size() > 64)
    return exchange->respond(http::problem(400, "`incarnation` must be 1 to 64 characters."));
  if (auto met = meet(role, incarnation); !met) return exchange->respond(std::move(met.error()));
  const auto text = request.query_value("after").value_or("0");
  int64_t after = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), after);
  if (error != std::errc() || end != text.data() + text.size())
    return exchange->respond(http::problem(400, "`after` must be a generation."));
  desired_.get(role, after, exchange);
}

// For people and tests on this machine: what a role said last.
void Roles::get_observed(const std::string& role, const http::ExchangePtr& exchange) {
  http::Response response;
  response.body = parts_.last_documents.of(role);
  if (response.body.empty()) return exchange->respond(http::problem(404, "This role has said nothing of late."));
  response.headers.set("Content-Type", "application/json");
  exchange->respond(std::move(response));
}

void Roles::put_observed(const std::string& role, const http::Request& request, const http::ExchangePtr& exchange) {
  const auto take = [&](auto document, auto&& use) {
    http::Response response;
    response.status = 204;
    if (!document)
      response = http::problem(400, document.error().message);
    else if (auto used = use(std::move(*document)); !used)
      response = http::problem(503, used.error().message);
    else
      parts_.last_documents.keep(role, request.body);
    exchange->respond(std::move(response));
  };
  if (role == "relay/local")
    return take(state::parse_relay_observed(request.body), [&](auto o) { return observer_.on_relay(o); });
  if (role == "origin/local")
    return take(state::parse_origin_observed(request.body), [&](auto o) { return observer_.on_origin(o); });
  take(state::parse_observed(request.body), [&](auto o) {
    observer_.on_other(role, std::move(o));
    return Result<void, Error>();
  });
}

}  // namespace footlight::control
