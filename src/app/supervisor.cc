#include "app/supervisor.h"

#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <set>

#include "base/log.h"

namespace footlight::app {
namespace {

constexpr Logger kLog("app");
constexpr const char* kRoles[] = {"control", "relay", "origin"};  // drained from the back
// compose flushes its parts for up to 3 s (its own bound); the rest is slack before SIGKILL.
constexpr Duration kComposeLimit = Duration::millis(4000);
constexpr Duration kRoleLimit = Duration::millis(3000);

}  // namespace

Supervisor::Supervisor(http::Loop& loop, Specs specs) : loop_(loop), specs_(std::move(specs)) {
  for (const char* role : kRoles) roles_.push_back(std::make_unique<RoleProcess>(loop_, role, specs_.role(role)));
}

void Supervisor::start() {
  for (auto& role : roles_) role->start();
}

void Supervisor::set_programmes(const std::vector<state::NodeProgramme>& wanted) {
  if (draining_) return;
  std::set<std::string> ids;
  for (const auto& programme : wanted) ids.insert(programme.id);
  std::vector<std::string> over;
  for (const auto& [id, compose] : composes_)
    if (!ids.contains(id)) over.push_back(id);
  for (const std::string& id : over) stop_compose(id);
  for (const std::string& id : ids) {
    if (composes_.contains(id)) continue;
    auto compose = std::make_unique<RoleProcess>(loop_, "compose " + id, specs_.compose(id));
    compose->start();
    composes_.emplace(id, std::move(compose));
  }
}

void Supervisor::stop_compose(const std::string& programme) {
  auto node = composes_.extract(programme);
  RoleProcess* compose = node.mapped().get();
  leaving_.push_back(std::move(node.mapped()));
  compose->stop(kComposeLimit, [this, compose] {
    std::erase_if(leaving_, [&](const auto& c) { return c.get() == compose; });
    if (draining_ && leaving_.empty()) drain_next_role();
  });
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
    ++ends_;
    auto tell = [&](const std::unique_ptr<RoleProcess>& process) {
      if (process->pid() != pid) return false;
      if (!process->on_ended(status) && !draining_) specs_.on_unusable();
      return true;
    };
    bool known = std::ranges::any_of(roles_, tell) || std::ranges::any_of(leaving_, tell) ||
                 std::ranges::any_of(composes_, [&](const auto& entry) { return tell(entry.second); });
    if (!known) kLog.debug("an unknown child ended", {{"pid", pid}});
  }
}

void Supervisor::drain(std::function<void()> done) {
  if (draining_) return;
  draining_ = true;
  drained_ = std::move(done);
  kLog.info("draining");
  std::vector<std::string> programmes;
  for (const auto& [id, compose] : composes_) programmes.push_back(id);
  for (const std::string& id : programmes) stop_compose(id);
  // The last one's end goes on with the roles: the origin has to take its last parts.
  if (leaving_.empty()) drain_next_role();
}

void Supervisor::drain_next_role() {
  if (roles_.empty()) return drained_();
  roles_.back()->stop(kRoleLimit, [this] {
    roles_.pop_back();
    drain_next_role();
  });
}

std::string Supervisor::metrics() const {
  size_t running = 0;
  for (const auto& role : roles_) running += role->pid() > 0 ? 1 : 0;
  for (const auto& [id, compose] : composes_) running += compose->pid() > 0 ? 1 : 0;
  return fmt::format(
      "# TYPE footlight_app_processes gauge\n"
      "footlight_app_processes {}\n"
      "# TYPE footlight_app_process_ends_total counter\n"
      "footlight_app_process_ends_total {}\n",
      running, ends_);
}

}  // namespace footlight::app
