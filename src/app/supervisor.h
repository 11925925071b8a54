#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/role_process.h"
#include "http/loop.h"
#include "state/desired.h"

namespace footlight::app {

// Starts, watches, restarts and reaps the processes of one machine: control, relay and origin always, and one compose
// for each programme that desired state names. It does nothing else. Owned by serve; its loop's thread is the main
// thread. Nothing in it can fail but a start, which is tried again.
class Supervisor {
 public:
  // What to execute for a role ("control", "relay", "origin") or for the compose of a programme.
  struct Specs {
    std::function<ChildSpec(const std::string& role)> role;
    std::function<ChildSpec(const std::string& programme)> compose;
    // A role found its configuration unusable at its first start, and said so on stderr.
    std::function<void()> on_unusable;
  };
  Supervisor(http::Loop& loop, Specs specs);

  void start();
  void set_programmes(const std::vector<state::NodeProgramme>& wanted);
  void reap();  // after SIGCHLD
  // Ends the composes, waits for those on their way out too, then ends origin, relay, control, each with its bound;
  // then `done`.
  void drain(std::function<void()> done);
  [[nodiscard]] std::string metrics() const;  // Prometheus text

 private:
  void drain_next_role();
  void stop_compose(const std::string& programme);

  http::Loop& loop_;
  Specs specs_;
  bool draining_ = false;
  std::function<void()> drained_;
  std::vector<std::unique_ptr<RoleProcess>> roles_;  // in the order of starting; drained from the back
  std::map<std::string, std::unique_ptr<RoleProcess>> composes_;
  std::vector<std::unique_ptr<RoleProcess>> leaving_;  // composes on their way out
  uint64_t ends_ = 0;
};

}  // namespace footlight::app
