#include "app/supervisor.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "app/signal_thread.h"
#include "base/clock.h"
#include "base/random.h"

namespace footlight::app {
namespace {

using testing::ElementsAre;

TEST(RestartPolicy, first_restart_is_at_once_then_the_pause_doubles_to_five_seconds) {
  RestartPolicy policy;
  std::vector<int64_t> pauses;
  for (int i = 0; i < 9; ++i) pauses.push_back(policy.on_end(Duration::millis(10)).ms());
  EXPECT_THAT(pauses, ElementsAre(0, 100, 200, 400, 800, 1600, 3200, 5000, 5000));
}

TEST(RestartPolicy, life_of_ten_seconds_forgives_what_was) {
  RestartPolicy policy;
  for (int i = 0; i < 5; ++i) (void)policy.on_end(Duration::millis(10));
  EXPECT_EQ(policy.on_end(Duration::seconds(10)), Duration::zero());
  EXPECT_EQ(policy.on_end(Duration::millis(10)), Duration::millis(100));
}

// Roles are small shell scripts that write their name at start and at SIGTERM into one log file.
class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() : folder(std::filesystem::temp_directory_path() / ("footlight-" + random_id(6))) {
    std::filesystem::create_directories(folder);
    log = folder / "log";
  }
  ~SupervisorTest() override { std::filesystem::remove_all(folder); }

  ChildSpec script(const std::string& name, const std::string& on_term = "exit 0") const {
    std::string text =
        fmt::format("trap 'echo term {0} >> {1}; {2}' TERM; echo start {0} $$ >> {1}; while :; do sleep 0.02; done",
                    name, log.string(), on_term);
    return {"/bin/sh", {"-c", text}, {}, {}};
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    std::ifstream in(log);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }
  std::vector<std::string> terms() const {
    std::vector<std::string> out;
    for (const std::string& line : lines())
      if (line.starts_with("term ")) out.push_back(line.substr(5));
    return out;
  }
  std::vector<pid_t> starts(const std::string& name) const {
    std::vector<pid_t> out;
    for (const std::string& line : lines())
      if (line.starts_with("start " + name + " ")) out.push_back(std::stoi(line.substr(7 + name.size())));
    return out;
  }
  // Runs the loop until the condition holds; false after 10 s.
  template <class Condition>
  bool run_until(Condition condition) {
    Timestamp end = SystemClock::get().now() + Duration::seconds(10);
    bool held = false;
    http::Loop::Timer timer;
    std::function<void()> look = [&] {
      held = condition();
      if (held || SystemClock::get().now() > end) return loop.stop();
      timer = loop.after(Duration::millis(5), look);
    };
    loop.post(look);
    loop.run();
    loop.restart();
    return held;
  }

  std::filesystem::path folder, log;
  http::Loop loop;
  std::function<void()> on_child = [] {};
  SignalThread signals{{SIGCHLD}, [this](int) { loop.post([this] { on_child(); }); }};
};

TEST_F(SupervisorTest, killed_role_is_started_again_within_100_ms_and_leaves_no_zombie) {
  Supervisor supervisor(
      loop, {[&](const std::string& r) { return script(r); }, [&](const std::string& p) { return script(p); }, [] {}});
  on_child = [&] { supervisor.reap(); };
  supervisor.start();
  ASSERT_TRUE(run_until([&] { return starts("relay").size() == 1; }));
  pid_t first = starts("relay").front();
  Timestamp at = SystemClock::get().now();
  ::kill(first, SIGKILL);
  ASSERT_TRUE(run_until([&] { return starts("relay").size() == 2; }));
  EXPECT_LT((SystemClock::get().now() - at).ms(),
            1000);  // the machine is shared; the policy's own figure is tested above
  EXPECT_EQ(::kill(first, 0), -1) << "still there as a zombie";
  bool drained = false;
  supervisor.drain([&] { drained = true; });
  EXPECT_TRUE(run_until([&] { return drained; }));
}

TEST_F(SupervisorTest, drain_ends_composes_first_and_control_last) {
  Supervisor supervisor(
      loop, {[&](const std::string& r) { return script(r); }, [&](const std::string& p) { return script(p); }, [] {}});
  on_child = [&] { supervisor.reap(); };
  supervisor.start();
  supervisor.set_programmes({{"p1"}});
  ASSERT_TRUE(run_until([&] { return lines().size() == 4; }));
  bool drained = false;
  supervisor.drain([&] { drained = true; });
  ASSERT_TRUE(run_until([&] { return drained; }));
  EXPECT_THAT(terms(), ElementsAre("p1", "origin", "relay", "control"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

TEST_F(SupervisorTest, compose_whose_event_just_ended_puts_its_last_parts_before_the_origin_goes) {
  auto slow = [&](const std::string& p) {
    return script(p, "sleep 0.3; echo term flushed >> " + log.string() + "; exit 0");
  };
  Supervisor supervisor(loop, {[&](const std::string& r) { return script(r); }, slow, [] {}});
  on_child = [&] { supervisor.reap(); };
  supervisor.start();
  supervisor.set_programmes({{"p1"}});
  ASSERT_TRUE(run_until([&] { return lines().size() == 4; }));
  supervisor.set_programmes({});
  bool drained = false;
  supervisor.drain([&] { drained = true; });
  ASSERT_TRUE(run_until([&] { return drained; }));
  EXPECT_THAT(terms(), ElementsAre("p1", "flushed", "origin", "relay", "control"));
}

TEST_F(SupervisorTest, compose_runs_while_its_programme_is_wanted) {
  Supervisor supervisor(
      loop, {[&](const std::string& r) { return script(r); }, [&](const std::string& p) { return script(p); }, [] {}});
  on_child = [&] { supervisor.reap(); };
  supervisor.set_programmes({{"p1"}, {"p2"}});
  ASSERT_TRUE(run_until([&] { return lines().size() == 2; }));
  supervisor.set_programmes({{"p2"}, {"p3"}});
  ASSERT_TRUE(run_until([&] { return terms().size() == 1 && starts("p3").size() == 1; }));
  EXPECT_THAT(terms(), ElementsAre("p1"));
  EXPECT_EQ(starts("p2").size(), 1u);
  bool drained = false;
  supervisor.drain([&] { drained = true; });
  EXPECT_TRUE(run_until([&] { return drained; }));
}

TEST_F(SupervisorTest, role_that_finds_its_configuration_unusable_is_told_and_not_started_again) {
  bool unusable = false;
  auto spec = [&](const std::string& r) {
    return r == "relay" ? ChildSpec{"/bin/sh", {"-c", "echo start relay $$ >> " + log.string() + "; exit 2"}, {}, {}}
                        : script(r);
  };
  Supervisor supervisor(loop, {spec, spec, [&] { unusable = true; }});
  on_child = [&] { supervisor.reap(); };
  supervisor.start();
  ASSERT_TRUE(run_until([&] { return unusable && lines().size() == 3; }));
  bool drained = false;
  supervisor.drain([&] { drained = true; });
  EXPECT_TRUE(run_until([&] { return drained; }));
  EXPECT_EQ(starts("relay").size(), 1u);
}

TEST_F(SupervisorTest, role_that_ignores_sigterm_is_killed_at_its_bound) {
  RoleProcess stubborn(loop, "stubborn", script("stubborn", ":"));
  on_child = [&] {
    int status = 0;
    if (::waitpid(stubborn.pid(), &status, WNOHANG) > 0) (void)stubborn.on_ended(status);
  };
  stubborn.start();
  ASSERT_TRUE(run_until([&] { return starts("stubborn").size() == 1; }));
  bool ended = false;
  stubborn.stop(Duration::millis(100), [&] { ended = true; });
  EXPECT_TRUE(run_until([&] { return ended; }));
}

TEST_F(SupervisorTest, program_that_is_missing_is_tried_again_with_pauses) {
  RoleProcess missing(loop, "missing", {"/nonexistent/footlight", {}, {}, {}});
  int ends = 0;
  on_child = [&] {
    int status = 0;
    if (missing.pid() > 0 && ::waitpid(missing.pid(), &status, WNOHANG) > 0) {
      ++ends;
      (void)missing.on_ended(status);
    }
  };
  missing.start();
  EXPECT_TRUE(run_until([&] { return ends == 3; }));
}

// A supervisor in a process of its own, killed with SIGKILL: its children must go with it.
TEST_F(SupervisorTest, killed_supervisor_leaves_no_process_behind) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphans come to us, so that their end can be waited for
  pid_t supervisor = ::fork();
  if (supervisor == 0) {
    auto a = spawn(script("a")), b = spawn(script("b"));
    if (!a || !b) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  ASSERT_TRUE(run_until([&] { return lines().size() == 2; }));
  std::vector<pid_t> children = {starts("a").front(), starts("b").front()};
  ::kill(supervisor, SIGKILL);
  EXPECT_TRUE(run_until([&] {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return ::kill(children[0], 0) != 0 && ::kill(children[1], 0) != 0;
  }));
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace footlight::app
