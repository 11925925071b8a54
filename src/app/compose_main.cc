// footlight compose: one programme, told by desired state what is on stage.
#include "app/dial.h"
#include "app/role.h"
#include "compose/compose.h"
#include "state/desired.h"
#include "state/observed.h"

namespace footlight::app {
namespace {

constexpr Duration kFlushLimit = Duration::seconds(3);  // then the supervisor's bound is near

Dial::Engine join(compose::Compose& compose) {
  return {
      .apply = [&compose](std::string_view document) -> Result<int64_t, Error> {
        auto desired = state::parse_compose_desired(document);
        if (!desired) return unexpected(desired.error());
        int64_t generation = desired->generation;
        compose.apply(std::move(*desired));
        return generation;
      },
      .observe = [&compose](auto done) { done(state::to_json(compose.observed())); },
  };
}

}  // namespace

Result<int, Error> compose_main(const CommandLine& command_line) {
  auto role = begin_role(command_line);
  if (!role) return unexpected(role.error());
  if (command_line.programme.empty()) return fail("footlight compose needs --programme; `footlight serve` starts it.");
  http::Loop loop;
  compose::Compose compose({.incarnation = role->incarnation, .origin_endpoint = role->socket("origin")});
  Dial dial(loop, {role->socket("control"), "compose", command_line.programme, role->incarnation}, join(compose));
  compose.start();
  dial.start();
  run_role(loop, [&] {
    compose.stop(kFlushLimit);
    loop.stop();
  });
  return 0;
}

}  // namespace footlight::app
