#include "app/child_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;

namespace footlight::app {
namespace {

constexpr int kExecFailed = 127;  // as shells say it

std::vector<std::string> child_environment(const ChildSpec& spec) {
  std::map<std::string, std::string> merged = spec.environment;
  std::string names;
  for (const auto& [name, fd] : spec.fds) names += fmt::format("{}{}={}", names.empty() ? "" : ",", name, fd);
  merged["FOOTLIGHT_FDS"] = names;
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    if (!merged.contains(std::string(text.substr(0, text.find('='))))) out.emplace_back(text);
  }
  for (const auto& [name, value] : merged) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(const ChildSpec& spec, char* const* arguments, char* const* environment, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kExecFailed);  // it died before the line above: nobody would ever tell us
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  for (const auto& [name, fd] : spec.fds) ::fcntl(fd, F_SETFD, 0);
  ::execve(spec.program.c_str(), arguments, environment);
  ::_exit(kExecFailed);
}

}  // namespace

Result<pid_t, Error> spawn(const ChildSpec& spec) {
  std::vector<std::string> arguments = {spec.program};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  std::vector<std::string> environment = child_environment(spec);
  auto argument_pointers = pointers(arguments);
  auto environment_pointers = pointers(environment);
  pid_t parent = ::getpid();
  pid_t child = ::fork();
  if (child == 0) become(spec, argument_pointers.data(), environment_pointers.data(), parent);
  if (child < 0) return fail(fmt::format("{} cannot be started: {}.", spec.program, std::strerror(errno)));
  ::setpgid(child, child);  // from both sides: whoever is first
  return child;
}

}  // namespace footlight::app
