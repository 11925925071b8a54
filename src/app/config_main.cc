// footlight config: every key with default, unit, bounds, help, and where its value came from.
#include <fmt/core.h>

#include "app/config_document.h"
#include "app/role.h"

namespace footlight::app {

Result<int, Error> config_main(const CommandLine& command_line) {
  auto config = resolve_config(command_line);
  if (!config) return unexpected(config.error());
  fmt::print("{}", command_line.markdown ? config_as_markdown()
                   : command_line.json   ? config_as_json(*config)
                                         : config_as_text(*config));
  return 0;
}

}  // namespace footlight::app
