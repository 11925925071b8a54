#pragma once
#include <sys/types.h>

#include <functional>
#include <string>

#include "app/child_process.h"
#include "app/restart_policy.h"
#include "http/loop.h"

namespace footlight::app {

// One role's process as the supervisor keeps it: started, started again when it ends by itself, stopped with a bound.
// Owned by the Supervisor, on its loop's thread (the main thread: spawn() needs that).
class RoleProcess {
 public:
  RoleProcess(http::Loop& loop, std::string name, ChildSpec spec);
  ~RoleProcess();  // SIGKILL when it still runs; the reaper still has to wait for it

  void start();
  // SIGTERM now, SIGKILL after `limit`; never started again. `ended` runs once it is reaped (at once when none runs).
  void stop(Duration limit, std::function<void()> ended);
  // The reaper found that pid() ended with this wait status. False when its first life ended with the exit code of a
  // bad configuration: starting it again would say the same sentence again.
  [[nodiscard]] bool on_ended(int wait_status);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] pid_t pid() const { return pid_; }  // 0: not running

 private:
  void start_later(Duration pause);

  http::Loop& loop_;
  std::string name_;
  ChildSpec spec_;
  RestartPolicy policy_;
  pid_t pid_ = 0;
  Timestamp started_at_;
  uint64_t starts_ = 0;
  bool stopping_ = false;
  http::Loop::Timer timer_;  // the next start, or the bound of stop()
  std::function<void()> ended_;
};

}  // namespace footlight::app
