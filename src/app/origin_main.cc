// footlight origin: LL-HLS for players on the public listener, ingest of parts on origin.sock.
#include "app/dial.h"
#include "app/host_check.h"
#include "app/role.h"
#include "hls/origin.h"
#include "http/server.h"
#include "net/listen.h"
#include "state/desired.h"
#include "state/observed.h"

namespace footlight::app {
namespace {

// `server_metrics` is set once the servers stand, before the loop runs.
Dial::Engine join(http::Loop& loop, hls::Origin& origin, const std::function<std::string()>& server_metrics) {
  return {
      .apply = [&origin](std::string_view document) -> Result<int64_t, Error> {
        auto desired = state::parse_origin_desired(document);
        if (!desired) return unexpected(desired.error());
        origin.apply(*desired);
        return desired->generation;
      },
      .observe =
          [&loop, &origin, &server_metrics](auto done) {
            loop.post([&origin, &server_metrics, done] {
              auto observed = origin.observed();
              observed.metrics += server_metrics();
              done(state::to_json(observed));
            });
          },
  };
}

}  // namespace

Result<int, Error> origin_main(const CommandLine& command_line) {
  auto role = begin_role(command_line);
  if (!role) return unexpected(role.error());
  const Config& config = role->config;
  std::vector<UniqueFd> public_fds = role->fds.all("origin");
  auto address = net::local_address(public_fds.empty() ? -1 : public_fds.front().get());
  if (!address) return unexpected(address.error());

  http::Loop loop;
  hls::Origin origin(loop, {.spool = role->data / "spool", .incarnation = role->incarnation});
  if (auto opened = origin.open(); !opened) return unexpected(opened.error());
  std::function<std::string()> server_metrics;
  Dial dial(loop, {role->socket("control"), "origin", "local", role->incarnation}, join(loop, origin, server_metrics));

  HostCheck hosts(*address, {config.text("http.public_url"), config.text("origin.public_url")});
  http::Server viewers(loop,
                       {.name = "origin",
                        .max_body = 0,
                        .tls_cert = config.text("http.tls_cert"),
                        .tls_key = config.text("http.tls_key")},
                       HostCheck::guard(hosts, [&](http::Request request, http::ExchangePtr exchange) {
                         origin.handle_public(std::move(request), std::move(exchange));
                       }));
  uint64_t edges_told = 0;
  http::Server ingest(loop, {.name = "origin.sock", .max_body = hls::kMaxIngestBody},
                      [&](http::Request request, http::ExchangePtr exchange) {
                        origin.handle_ingest(std::move(request), std::move(exchange));
                        if (std::exchange(edges_told, origin.edges()) != edges_told) dial.changed();
                      });
  for (UniqueFd& fd : public_fds)
    if (auto r = viewers.listen(std::move(fd)); !r) return unexpected(r.error());
  if (auto r = ingest.listen(role->fds.one("origin_sock")); !r) return unexpected(r.error());
  server_metrics = [&] { return viewers.metrics() + ingest.metrics(); };
  dial.start();
  run_role(loop, [&] {
    origin.drain();
    viewers.drain(kServerDrainLimit, [&] { ingest.drain(kServerDrainLimit, [&] { loop.stop(); }); });
  });
  return 0;
}

}  // namespace footlight::app
