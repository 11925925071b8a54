// The executable: reads the command line and runs the command. Start-up faults are one sentence on stderr, exit code 2.
#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <vector>

#include "app/role.h"

namespace footlight::app {
namespace {

Result<int, Error> run(const CommandLine& c) {
  if (c.command == "help") {
    fmt::print("{}", c.help);
    return 0;
  }
  if (c.command == "version") {
    fmt::print("footlight {}\n", FOOTLIGHT_VERSION);
    return 0;
  }
  if (c.command == "serve") return serve_main(c);
  if (c.command == "control") return control_main(c);
  if (c.command == "relay") return relay_main(c);
  if (c.command == "origin") return origin_main(c);
  if (c.command == "compose") return compose_main(c);
  if (c.command == "event") return event_main(c);
  if (c.command == "bench") return bench_main(c);
  return config_main(c);
}

}  // namespace
}  // namespace footlight::app

int main(int argc, char** argv) {
  using namespace footlight::app;
  auto command_line = parse_command_line(std::vector<std::string>(argv + 1, argv + argc));
  auto code = command_line ? run(*command_line)
                           : footlight::Result<int, footlight::Error>(footlight::unexpected(command_line.error()));
  if (code) return *code;
  fmt::print(stderr, "{}\n", code.error().message);
  return kBadStart;
}
