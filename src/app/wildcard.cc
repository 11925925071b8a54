#include "app/wildcard.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cstdio>

#include "base/socket_address.h"
#include "http/self_signed.h"
#include "http/tls_context.h"
#include "net/listen.h"

namespace footlight::app {
namespace {

constexpr int kValidDays = 397;  // what browsers accept of a public authority; longer helps nobody
constexpr int kRenewDays = 30;

Result<std::string, Error> on_all(const Config& config, std::string_view key) {
  auto address = SocketAddress::parse(config.text(key));
  if (!address)
    return fail(
        fmt::format("{} is '{}', but must be an address and a port, such as 0.0.0.0:8080.", key, config.text(key)));
  return SocketAddress::from_ip(address->is_v6() ? "::" : "0.0.0.0", address->port())->to_string();
}

Result<Config, Error> with_own_certificate(const Config& config, const DataFolder& folder) {
  std::filesystem::path tls = folder.path() / "tls", cert = tls / "cert.pem", key = tls / "key.pem";
  std::vector<std::string> addresses = {"127.0.0.1"};
  for (const auto& interface : net::interface_addresses())
    if (!interface.address.is_loopback()) addresses.push_back(interface.address.ip_string());
  auto kept = read_file(cert);
  if (!kept || !http::certificate_covers(*kept, addresses, kRenewDays) || !std::filesystem::exists(key)) {
    auto pair = http::make_self_signed({"localhost"}, addresses, kValidDays);
    if (!pair) return unexpected(pair.error());
    std::error_code ignored;
    std::filesystem::create_directories(tls, ignored);
    ::chmod(tls.c_str(), 0700);
    if (auto r = write_file(key, pair->key, 0600); !r) return unexpected(r.error());
    if (auto r = write_file(cert, pair->cert, 0644); !r) return unexpected(r.error());
  }
  fmt::print(stderr,
             "footlight: listening on all addresses with the self-signed certificate {}: browsers will warn; give "
             "http.tls_cert and http.tls_key for one they trust.\n",
             cert.string());
  return config.with("http.tls_cert", cert.string()).with("http.tls_key", key.string());
}

}  // namespace

Result<Config, Error> listen_on_all(const Config& config, const DataFolder& folder) {
  auto http_listen = on_all(config, "http.listen"), origin_listen = on_all(config, "origin.listen");
  if (!http_listen) return unexpected(http_listen.error());
  if (!origin_listen) return unexpected(origin_listen.error());
  Config out = config.with("http.listen", *http_listen).with("origin.listen", *origin_listen);
  if (!config.text("rtmp.listen").empty()) {
    auto rtmp_listen = on_all(config, "rtmp.listen");
    if (!rtmp_listen) return unexpected(rtmp_listen.error());
    out = out.with("rtmp.listen", *rtmp_listen);
  }
  // Media candidates must name addresses: a port alone stands for each of them (media_addresses()).
  auto media = config.list("media.listen");
  auto first = media.empty() ? std::nullopt : SocketAddress::parse(media.front());
  if (first) out = out.with("media.listen", std::to_string(first->port()));
  if (!config.text("http.tls_cert").empty()) return out;
  return with_own_certificate(out, folder);
}

Result<void, Error> check_certificate(const Config& config) {
  if (config.text("http.tls_cert").empty()) return {};
  auto context = http::make_server_context(config.text("http.tls_cert"), config.text("http.tls_key"));
  if (!context) return fail("http.tls_cert and http.tls_key: " + context.error().message + ".");
  return {};
}

}  // namespace footlight::app
