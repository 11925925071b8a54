#include "control/desired_server.h"

#include "http/router.h"

namespace footlight::control {
namespace {

constexpr Duration kHold = Duration::seconds(25);  // ARCHITECTURE.md; below every time-out between the processes

}  // namespace

DesiredServer::DesiredServer(DesiredDocuments& documents, Repository& repository, const Clock& clock)
    : documents_(documents),
      repository_(repository),
      clock_(clock),
      // A generation of an earlier control must not look like one of ours.
      last_generation_(clock.wall_now().us()) {}

std::optional<std::string> DesiredServer::build(const std::string& role, int64_t generation) {
  const auto with_generation = [&](auto document) {
    document.generation = generation;
    return state::to_json(document);
  };
  if (role == "node/local") return with_generation(documents_.node());
  if (role == "relay/local") return with_generation(documents_.relay());
  if (role == "origin/local") return with_generation(documents_.origin());
  if (constexpr std::string_view kCompose = "compose/"; role.starts_with(kCompose)) {
    auto document = documents_.compose(role.substr(kCompose.size()));
    if (document) return with_generation(std::move(*document));
  }
  return std::nullopt;
}

bool DesiredServer::update(const std::string& role, Slot& slot) {
  auto content = build(role, 0);
  if (repository_.take_error()) return slot.generation != 0;  // the database is away: the last document stands
  if (!content) return false;
  if (*content == slot.content && slot.generation != 0) return true;
  slot.content = std::move(*content);
  slot.generation = ++last_generation_;
  slot.text = build(role, slot.generation).value_or("");
  return true;
}

void DesiredServer::answer(const Slot& slot, const http::ExchangePtr& exchange) {
  http::Response response;
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Cache-Control", "no-store");
  response.body = slot.text;
  exchange->respond(std::move(response));
}

void DesiredServer::get(const std::string& role, int64_t after, http::ExchangePtr exchange) {
  Slot& slot = slots_[role];
  if (!update(role, slot)) {
    slots_.erase(role);
    return exchange->respond(http::problem(404, "There is no such desired state."));
  }
  if (after != slot.generation) return answer(slot, exchange);
  slot.waiters.push_back({std::move(exchange), clock_.now() + kHold});
}

void DesiredServer::refresh() {
  std::vector<std::string> gone;
  for (auto& [role, slot] : slots_) {
    const auto before = slot.generation;
    const bool exists = update(role, slot);
    if (!exists) gone.push_back(role);
    if (exists && slot.generation == before) continue;
    for (const Waiter& waiter : std::exchange(slot.waiters, {})) {
      if (exists)
        answer(slot, waiter.exchange);
      else
        waiter.exchange->respond(http::problem(404, "There is no such desired state any more."));
    }
  }
  for (const auto& role : gone) slots_.erase(role);
}

void DesiredServer::tick() {
  const auto now = clock_.now();
  for (auto& [role, slot] : slots_) {
    std::erase_if(slot.waiters, [&](const Waiter& waiter) {
      if (now < waiter.until) return false;
      http::Response nothing;
      nothing.status = 204;
      waiter.exchange->respond(std::move(nothing));
      return true;
    });
  }
}

void DesiredServer::close_all() {
  for (auto& [role, slot] : slots_) {
    for (const Waiter& waiter : std::exchange(slot.waiters, {})) {
      http::Response nothing;
      nothing.status = 204;
      waiter.exchange->respond(std::move(nothing));
    }
  }
}

int64_t DesiredServer::generation(const std::string& role) const {
  const auto it = slots_.find(role);
  return it == slots_.end() ? 0 : it->second.generation;
}

}  // namespace footlight::control
