// footlight relay: the SFU on its media sockets, session calls from control on relay.sock.
#include "app/dial.h"
#include "app/relay_calls.h"
#include "app/role.h"
#include "http/server.h"
#include "relay/relay.h"
#include "relay/session_metrics.h"
#include "state/desired.h"
#include "state/observed.h"

namespace footlight::app {
namespace {

Dial::Engine join(http::Loop& loop, relay::Relay& relay) {
  return {
      .apply = [&relay](std::string_view document) -> Result<int64_t, Error> {
        auto desired = state::parse_relay_desired(document);
        if (!desired) return unexpected(desired.error());
        int64_t generation = desired->generation;
        if (!relay.apply(std::move(*desired))) return fail("the shard is too busy or stopping");
        return generation;
      },
      .observe =
          [&loop, &relay](auto done) {
            // Thousands of sessions are megabytes of text: made here, not on the shard's time.
            bool asked = relay.observed([&loop, done](state::RelayObserved observed) {
              loop.post([done, observed = std::move(observed)]() mutable {
                observed.metrics += relay::session_metrics(observed.sessions);
                done(state::to_json(observed));
              });
            });
            if (!asked) done("");
          },
  };
}

}  // namespace

Result<int, Error> relay_main(const CommandLine& command_line) {
  auto role = begin_role(command_line);
  if (!role) return unexpected(role.error());
  http::Loop loop;
  relay::Relay relay({.media = role->fds.all("media"),
                      .media_tcp = role->fds.all("media_tcp"),
                      .rtmp = role->fds.all("rtmp"),
                      .pipe = role->fds.one("pipe")},
                     {.announce = role->config.list("media.announce"), .capture = role->config.text("debug.capture")});
  Dial dial(loop, {role->socket("control"), "relay", "local", relay.epoch()}, join(loop, relay));
  relay.on_change([&dial] { dial.changed(); });
  if (auto started = relay.start(); !started) return unexpected(started.error());

  http::Router calls = relay_calls(loop, relay);
  http::Server server(loop, {.name = "relay.sock"}, [&calls](http::Request request, http::ExchangePtr exchange) {
    calls.route(std::move(request), std::move(exchange));
  });
  if (auto r = server.listen(role->fds.one("relay_sock")); !r) return unexpected(r.error());
  dial.start();
  run_role(loop, [&] { server.drain(kServerDrainLimit, [&] { loop.stop(); }); });
  relay.stop();
  return 0;
}

}  // namespace footlight::app
