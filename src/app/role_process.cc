#include "app/role_process.h"

#include <sys/wait.h>

#include <csignal>
#include <utility>

#include "app/role.h"
#include "base/clock.h"
#include "base/log.h"

namespace footlight::app {
namespace {

constexpr Logger kLog("app");

}  // namespace

RoleProcess::RoleProcess(http::Loop& loop, std::string name, ChildSpec spec)
    : loop_(loop), name_(std::move(name)), spec_(std::move(spec)) {}

RoleProcess::~RoleProcess() {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

void RoleProcess::start() {
  started_at_ = SystemClock::get().now();
  ++starts_;
  auto child = spawn(spec_);
  if (!child) {
    kLog.error("role not started", {{"name", name_}, {"reason", child.error().message}});
    return start_later(policy_.on_end(Duration::zero()));
  }
  pid_ = *child;
  kLog.info("role started", {{"name", name_}, {"pid", pid_}});
}

void RoleProcess::start_later(Duration pause) {
  timer_ = loop_.after(pause, [this] { start(); });
}

void RoleProcess::stop(Duration limit, std::function<void()> ended) {
  stopping_ = true;
  ended_ = std::move(ended);
  timer_.cancel();
  if (pid_ == 0) return loop_.post(std::exchange(ended_, nullptr));
  ::kill(pid_, SIGTERM);
  timer_ = loop_.after(limit, [this] {
    kLog.warn("role did not end in time and is killed", {{"name", name_}, {"pid", pid_}});
    ::kill(-pid_, SIGKILL);
  });
}

bool RoleProcess::on_ended(int wait_status) {
  Duration lived = SystemClock::get().now() - started_at_;
  bool by_signal = WIFSIGNALED(wait_status);
  int code = by_signal ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  ::kill(-pid_, SIGKILL);  // whatever it had started in its group
  pid_t ended_pid = std::exchange(pid_, 0);
  timer_.cancel();
  if (stopping_) {
    kLog.info("role ended", {{"name", name_}, {"pid", ended_pid}, {by_signal ? "signal" : "code", code}});
    if (ended_) loop_.post(std::exchange(ended_, nullptr));
    return true;
  }
  if (!by_signal && code == kBadStart && starts_ == 1) return false;
  Duration pause = policy_.on_end(lived);
  kLog.warn("role ended by itself and is started again", {{"name", name_},
                                                          {"pid", ended_pid},
                                                          {by_signal ? "signal" : "code", code},
                                                          {"lived_ms", lived.ms()},
                                                          {"pause_ms", pause.ms()}});
  start_later(pause);
  return true;
}

}  // namespace footlight::app
