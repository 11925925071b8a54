// footlight serve: everything on this machine. Opens the sockets, starts the roles, prints where to go.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "app/data_folder.h"
#include "app/dial.h"
#include "app/key_table.h"
#include "app/listeners.h"
#include "app/role.h"
#include "app/signal_thread.h"
#include "app/start_report.h"
#include "app/supervisor.h"
#include "app/wildcard.h"
#include "base/random.h"
#include "state/observed.h"

namespace footlight::app {
namespace {

struct Pipe {
  UniqueFd read_end, write_end;
};

Result<Pipe, Error> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail("The system has no pipe left; raise its limit of open files.");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Each viewer is a descriptor: the roles inherit as many as this user may have.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What a role is started with: its own sockets, and the resolved configuration in the environment (argv is public).
class SpecMaker {
 public:
  SpecMaker(const DataFolder& folder, const Config& config, const Secret& admin_token, const Listeners& listeners,
            int alive_fd, bool demo)
      : listeners_(listeners), alive_fd_(alive_fd), demo_(demo) {
    base_.program = std::filesystem::read_symlink("/proc/self/exe").string();
    data_ = folder.path().string();
    for (const ConfigKey& key : all_keys())
      if (!key.secret) base_.environment[environment_name(key.name)] = config.text(key.name);
    base_.environment[environment_name("http.listen")] = listeners.http.to_string();
    base_.environment[environment_name("origin.listen")] = listeners.origin.to_string();
    if (listeners.rtmp) base_.environment[environment_name("rtmp.listen")] = listeners.rtmp->to_string();
    admin_token_ = admin_token.reveal();
  }

  [[nodiscard]] ChildSpec role(const std::string& role) const {
    ChildSpec spec = begin(role);
    // A secret goes to the role that needs it; the others see an empty value.
    spec.environment[environment_name("auth.admin_token")] = role == "control" ? admin_token_ : "";
    if (role == "control" && demo_) spec.arguments.emplace_back("--demo");
    for (const NamedFd& socket : listeners_.sockets) {
      bool own =
          socket.name == role + "_sock" || (role == "control" && socket.name == "http") ||
          (role == "origin" && socket.name == "origin") ||
          (role == "relay" && (socket.name.starts_with("media") || socket.name == "pipe" || socket.name == "rtmp"));
      if (own) spec.fds.emplace_back(socket.name, socket.fd.get());
    }
    return spec;
  }

  [[nodiscard]] ChildSpec compose(const std::string& programme) const {
    ChildSpec spec = begin("compose");
    spec.environment[environment_name("auth.admin_token")] = "";
    spec.arguments.insert(spec.arguments.end(), {"--programme", programme});
    return spec;
  }

 private:
  [[nodiscard]] ChildSpec begin(const std::string& role) const {
    ChildSpec spec = base_;
    spec.arguments = {role, "--data", data_};
    spec.fds.emplace_back("alive", alive_fd_);
    return spec;
  }

  const Listeners& listeners_;
  int alive_fd_;
  bool demo_;
  ChildSpec base_;
  std::string data_, admin_token_;
};

// The supervisor's own line to control: which programmes to run.
Dial::Engine join(http::Loop& loop, Supervisor& supervisor, const std::string& incarnation) {
  auto generation = std::make_shared<int64_t>(0);
  return {
      .apply = [&supervisor, generation](std::string_view document) -> Result<int64_t, Error> {
        auto desired = state::parse_node_desired(document);
        if (!desired) return unexpected(desired.error());
        supervisor.set_programmes(desired->programmes);
        return *generation = desired->generation;
      },
      .observe =
          [&loop, &supervisor, generation, incarnation](auto done) {
            loop.post([&supervisor, generation, incarnation, done] {
              done(state::to_json(state::Observed{incarnation, *generation, supervisor.metrics()}));
            });
          },
  };
}

Result<Secret, Error> admin_token_of(const Config& config, const DataFolder& folder) {
  if (!config.text("auth.admin_token").empty()) return config.secret("auth.admin_token");
  return folder.admin_token();
}

}  // namespace

Result<int, Error> serve_main(const CommandLine& command_line) {
  auto resolved = resolve_config(command_line);
  if (!resolved) return unexpected(resolved.error());
  configure_logging_from(*resolved, "serve");
  auto folder = DataFolder::open(command_line.data);
  if (!folder) return unexpected(folder.error());
  auto config = command_line.listen_all ? listen_on_all(*resolved, *folder) : *resolved;
  if (!config) return unexpected(config.error());
  auto token = admin_token_of(*config, *folder);
  if (!token) return unexpected(token.error());
  auto listeners = open_listeners(*config, folder->run());
  if (!listeners) return unexpected(listeners.error());
  if (auto checked = check_certificate(*config); !checked) return unexpected(checked.error());
  if (auto written = write_file(folder->run() / "listen.json", listeners->listen_json(), 0644); !written)
    return unexpected(written.error());
  auto alive = make_pipe();
  if (!alive) return unexpected(alive.error());

  raise_file_limit();
  http::Loop loop;
  int exit_code = 0;
  std::unique_ptr<Supervisor> supervisor;
  SignalThread signals({SIGCHLD, SIGTERM, SIGINT, SIGHUP}, [&](int signal) {
    loop.post([&loop, &supervisor, signal] {
      if (signal == SIGCHLD) return supervisor->reap();
      if (signal == SIGHUP) return;  // the terminal closed: the house stays open
      supervisor->drain([&loop] { loop.stop(); });
    });
  });
  SpecMaker specs(*folder, *config, *token, *listeners, alive->read_end.get(), command_line.demo);
  supervisor = std::make_unique<Supervisor>(
      loop, Supervisor::Specs{[&](const std::string& role) { return specs.role(role); },
                              [&](const std::string& programme) { return specs.compose(programme); },
                              [&] {
                                exit_code = kBadStart;
                                supervisor->drain([&loop] { loop.stop(); });
                              }});
  supervisor->start();
  std::string endpoint = "unix:" + (folder->run() / "control.sock").string(), incarnation = random_id(8);
  Dial dial(loop, {endpoint, "node", "local", incarnation}, join(loop, *supervisor, incarnation));
  dial.start();
  StartReport report(loop, {endpoint, home_url(*config, *listeners), *token, command_line.demo});
  report.start();
  loop.run();
  return exit_code;
}

}  // namespace footlight::app
