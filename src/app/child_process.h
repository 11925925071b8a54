#pragma once
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace footlight::app {

// How a role's process is started. Descriptors in `fds` are passed under their names by FOOTLIGHT_FDS; every other one
// of the supervisor's is close-on-exec.
struct ChildSpec {
  std::string program;                             // path of the executable
  std::vector<std::string> arguments;              // without the program's name
  std::map<std::string, std::string> environment;  // added to the supervisor's own
  std::vector<std::pair<std::string, int>> fds;
};

// Forks and executes in a process group of its own; the kernel kills the child when the calling thread ends
// (PR_SET_PDEATHSIG), so call it from the main thread only. The error names the program and the reason.
[[nodiscard]] Result<pid_t, Error> spawn(const ChildSpec& spec);

}  // namespace footlight::app
