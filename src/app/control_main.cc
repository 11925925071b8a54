// footlight control: pages, API and signalling on the public listener; desired and observed state on control.sock.
#include "app/host_check.h"
#include "app/pages.h"
#include "app/role.h"
#include "base/log.h"
#include "control/control.h"
#include "http/server.h"
#include "net/listen.h"

namespace footlight::app {
namespace {

Result<control::ControlOptions, Error> options_of(const Role& role, bool demo) {
  const Config& config = role.config;
  auto port_of = [&](std::string_view key) {
    auto address = SocketAddress::parse(config.text(key));
    return address ? address->port() : uint16_t{0};
  };
  control::ControlOptions options;
  options.data = role.data;
  options.database_url = config.text("database.url");
  options.admin_token = config.secret("auth.admin_token");
  if (options.admin_token.empty()) return fail("auth.admin_token is missing: `footlight serve` hands it to control.");
  options.relay_endpoint = role.socket("relay");
  options.http_public_url = config.text("http.public_url");
  options.origin_public_url = config.text("origin.public_url");
  options.http_port = port_of("http.listen");
  options.origin_port = port_of("origin.listen");
  options.rtmp_port = port_of("rtmp.listen");
  options.tls = !config.text("http.tls_cert").empty();
  options.hls = {.part_ms = static_cast<int>(config.number("hls.part_ms")),
                 .segment_ms = static_cast<int>(config.number("hls.segment_ms"))};
  options.hls_window_s = config.number("hls.window_s");
  options.demo = demo;
  return options;
}

}  // namespace

Result<int, Error> control_main(const CommandLine& command_line) {
  auto role = begin_role(command_line);
  if (!role) return unexpected(role.error());
  const Config& config = role->config;
  auto options = options_of(*role, command_line.demo);
  if (!options) return unexpected(options.error());
  std::vector<UniqueFd> public_fds = role->fds.all("http");
  auto address = net::local_address(public_fds.empty() ? -1 : public_fds.front().get());
  if (!address) return unexpected(address.error());

  http::Loop loop;
  std::function<std::string()> server_metrics;  // set once the servers stand, before the loop runs
  options->server_metrics = [&server_metrics] { return server_metrics(); };
  control::Control control(loop, std::move(*options));
  if (auto opened = control.open(); !opened) return unexpected(opened.error());
  Pages pages;
  HostCheck hosts(*address, {config.text("http.public_url"), config.text("origin.public_url")});
  http::Server people(
      loop, {.name = "http", .tls_cert = config.text("http.tls_cert"), .tls_key = config.text("http.tls_key")},
      HostCheck::guard(hosts, [&](http::Request request, http::ExchangePtr exchange) {
        if (pages.serves(request)) return pages.handle(request, std::move(exchange));
        control.handle_public(std::move(request), std::move(exchange));
      }));
  // The socket is the owner's alone (0700): `footlight event` and the supervisor reach the API here, without TLS.
  http::Server roles(loop, {.name = "control.sock"}, [&](http::Request request, http::ExchangePtr exchange) {
    bool of_roles = request.target.starts_with("/desired/") || request.target.starts_with("/observed/");
    if (of_roles) return control.handle_roles(std::move(request), std::move(exchange));
    control.handle_public(std::move(request), std::move(exchange));
  });
  for (UniqueFd& fd : public_fds)
    if (auto r = people.listen(std::move(fd)); !r) return unexpected(r.error());
  if (auto r = roles.listen(role->fds.one("control_sock")); !r) return unexpected(r.error());
  server_metrics = [&] { return people.metrics() + roles.metrics(); };
  run_role(loop, [&] {
    control.drain();
    people.drain(kServerDrainLimit, [&] { roles.drain(kServerDrainLimit, [&] { loop.stop(); }); });
  });
  return 0;
}

}  // namespace footlight::app
