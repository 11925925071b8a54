#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "app/command_line.h"
#include "app/config.h"
#include "app/inherited_fds.h"
#include "base/result.h"
#include "base/units.h"
#include "http/loop.h"

namespace footlight::app {

inline constexpr Duration kServerDrainLimit =
    Duration::millis(1500);  // of an HTTP server, within the supervisor's bound

inline constexpr int kBadStart = 2;  // exit code of a configuration that cannot be used (CONTRACT §2)

// What every role's main begins with: the supervisor's descriptors, the resolved configuration, logging, and a watch
// that ends the process when the supervisor is gone.
struct Role {
  std::string name;
  std::string incarnation;  // random: this life of the role
  std::filesystem::path data;
  InheritedFds fds;
  Config config;
  [[nodiscard]] std::string socket(std::string_view role) const;  // "unix:<data>/run/<role>.sock"
};
[[nodiscard]] Result<Role, Error> begin_role(const CommandLine& command_line);

// Runs the loop until SIGTERM or SIGINT, then `drain` on the loop; `drain` stops the loop.
void run_role(http::Loop& loop, const std::function<void()>& drain);

[[nodiscard]] Result<Config, Error> resolve_config(const CommandLine& command_line);
void configure_logging_from(const Config& config, std::string_view role);

// A role's main. The Error is printed as one sentence; exit code 2.
[[nodiscard]] Result<int, Error> control_main(const CommandLine& command_line);
[[nodiscard]] Result<int, Error> relay_main(const CommandLine& command_line);
[[nodiscard]] Result<int, Error> origin_main(const CommandLine& command_line);
[[nodiscard]] Result<int, Error> compose_main(const CommandLine& command_line);
[[nodiscard]] Result<int, Error> serve_main(const CommandLine& command_line);
[[nodiscard]] Result<int, Error> bench_main(const CommandLine& command_line);
[[nodiscard]] Result<int, Error> event_main(const CommandLine& command_line);
[[nodiscard]] Result<int, Error> config_main(const CommandLine& command_line);

}  // namespace footlight::app
