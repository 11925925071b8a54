#include "app/role.h"

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "app/signal_thread.h"
#include "base/log.h"
#include "base/random.h"

extern char** environ;

namespace footlight::app {
namespace {

// The other end is open in the supervisor alone: reading ends when it does, however it went. PR_SET_PDEATHSIG does the
// same; this holds also where that cannot (a fork that raced, a supervisor that was replaced).
void end_with_the_supervisor(UniqueFd alive) {
  std::thread([alive = std::move(alive)] {
    char byte = 0;
    while (true) {
      ssize_t n = ::read(alive.get(), &byte, 1);
      if (n == 0) ::_exit(0);
      if (n < 0 && errno != EINTR) return;
    }
  }).detach();
}

}  // namespace

Result<Config, Error> resolve_config(const CommandLine& command_line) {
  ConfigLayer file;
  if (!command_line.config_file.empty()) {
    auto read = file_layer(command_line.config_file);
    if (!read) return unexpected(read.error());
    file = std::move(*read);
  }
  return Config::resolve(command_line.keys, environment_layer(environ), file);
}

void configure_logging_from(const Config& config, std::string_view role) {
  static constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
  LogLevel level = LogLevel::kInfo;
  for (size_t i = 0; i < std::size(kLevels); ++i)
    if (config.text("log.level") == kLevels[i]) level = static_cast<LogLevel>(i);
  configure_logging(level, config.text("log.format") == "json" ? LogFormat::kJson : LogFormat::kText, role);
}

std::string Role::socket(std::string_view role) const {
  return "unix:" + (data / "run" / (std::string(role) + ".sock")).string();
}

Result<Role, Error> begin_role(const CommandLine& command_line) {
  auto fds = InheritedFds::take();
  if (!fds) return unexpected(fds.error());
  auto config = resolve_config(command_line);
  if (!config) return unexpected(config.error());
  configure_logging_from(*config, command_line.command);
  Role role{command_line.command, random_id(8), command_line.data, std::move(*fds), std::move(*config)};
  // Before any thread, so that the engines' threads have them blocked too; run_role() takes them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  if (UniqueFd alive = role.fds.one("alive"); alive.valid()) end_with_the_supervisor(std::move(alive));
  return role;
}

void run_role(http::Loop& loop, const std::function<void()>& drain) {
  SignalThread signals({SIGTERM, SIGINT}, [&](int) { loop.post(drain); });
  loop.run();
}

}  // namespace footlight::app
