#include "app/listeners.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "net/listen.h"

namespace footlight::app {
namespace {

constexpr int kPortTries = 64;  // free numbers to try until one is free on every media address, for UDP and TCP

Result<SocketAddress, Error> listen_address(const Config& config, std::string_view key) {
  auto address = SocketAddress::parse(config.text(key));
  if (address) return *address;
  return fail(
      fmt::format("{} is '{}', but must be an address and a port, such as 127.0.0.1:8080.", key, config.text(key)));
}

Error sentence(std::string_view key, const net::ListenError& error) {
  return {fmt::format("{}: {}.", key, error.message)};
}

// All addresses on one number, UDP and TCP: the first takes any free port when none is given, the others must get the
// same.
Result<std::vector<NamedFd>, net::ListenError> bind_media_once(const std::vector<SocketAddress>& addresses,
                                                               std::vector<SocketAddress>& bound) {
  std::vector<NamedFd> out;
  bound.clear();
  uint16_t port = addresses.front().port();
  for (const SocketAddress& wanted : addresses) {
    SocketAddress address = wanted.with_port(port);
    auto fd = net::bind_udp(address);
    if (!fd) return unexpected(fd.error());
    if (port == 0) port = net::local_address(fd->get()).value_or(address).port();
    bound.push_back(address.with_port(port));
    auto tcp = net::listen_tcp(bound.back());
    if (!tcp) return unexpected(tcp.error());
    out.push_back({"media", std::move(*fd)});
    out.push_back({"media_tcp", std::move(*tcp)});
  }
  return out;
}

// One shard's sockets.
Result<std::vector<NamedFd>, Error> bind_shard(const std::vector<SocketAddress>& addresses,
                                               std::vector<SocketAddress>& bound) {
  for (int tries = 1;; ++tries) {
    auto sockets = bind_media_once(addresses, bound);
    if (sockets) return std::move(*sockets);
    bool another = addresses.front().port() == 0 && sockets.error().kind == net::ListenErrorKind::kInUse;
    if (!another || tries == kPortTries) return unexpected(sentence("media.listen", sockets.error()));
  }
}

int64_t shards_of(const Config& config) {
  if (!config.text("debug.capture").empty()) return 1;
  int64_t wanted = config.number("media.shards");
  return wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

Result<void, Error> bind_media(std::vector<SocketAddress> addresses, int64_t shards, Listeners& out) {
  for (int64_t i = 0; i < shards; ++i) {
    auto sockets = bind_shard(addresses, out.media.emplace_back());
    if (!sockets) return unexpected(sockets.error());
    std::ranges::move(*sockets, std::back_inserter(out.sockets));
    if (addresses.front().port() == 0) continue;  // each takes a free number of its own
    if (addresses.front().port() == 0xffff && i + 1 < shards)
      return fail("media.listen leaves no port numbers for all shards: take a lower one, or set media.shards.");
    for (SocketAddress& address : addresses) address = address.with_port(static_cast<uint16_t>(address.port() + 1));
  }
  return {};
}

Result<void, Error> open_tcp(const Config& config, std::string_view key, std::string name, SocketAddress& bound,
                             std::vector<NamedFd>& out) {
  auto address = listen_address(config, key);
  if (!address) return unexpected(address.error());
  auto fd = net::listen_tcp(*address);
  if (!fd) return unexpected(sentence(key, fd.error()));
  bound = net::local_address(fd->get()).value_or(*address);
  out.push_back({name, std::move(*fd)});
  if (!bound.is_any() || !bound.is_v4()) return {};
  // All addresses are those of IPv6 too, where the machine has it.
  if (auto v6 = net::listen_tcp(*SocketAddress::from_ip("::", bound.port())))
    out.push_back({std::move(name), std::move(*v6)});
  return {};
}

}  // namespace

Result<std::vector<SocketAddress>, Error> media_addresses(const std::vector<std::string>& entries) {
  auto bad = [](const std::string& entry) {
    return fail(
        fmt::format("media.listen has '{}', but takes a port alone, or ip:port entries of one port number.", entry));
  };
  if (entries.empty()) return bad("");
  std::vector<SocketAddress> out;
  for (const std::string& entry : entries) {
    uint16_t port = 0;
    auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), port);
    if (error == std::errc{} && end == entry.data() + entry.size()) {
      if (entries.size() > 1) return bad(entry);
      out.push_back(*SocketAddress::from_ip("127.0.0.1", port));
      for (const auto& interface : net::interface_addresses())
        if (!interface.address.is_loopback()) out.push_back(interface.address.with_port(port));
      return out;
    }
    auto address = SocketAddress::parse(entry);
    if (!address || (!out.empty() && address->port() != out.front().port())) return bad(entry);
    out.push_back(*address);
  }
  std::vector<SocketAddress> ordered;
  for (bool loopback : {true, false})
    for (const SocketAddress& address : out)
      if (address.is_loopback() == loopback) ordered.push_back(address);
  return ordered;
}

Result<Listeners, Error> open_listeners(const Config& config, const std::filesystem::path& run_folder) {
  Listeners out;
  if (auto r = open_tcp(config, "http.listen", "http", out.http, out.sockets); !r) return unexpected(r.error());
  if (auto r = open_tcp(config, "origin.listen", "origin", out.origin, out.sockets); !r) return unexpected(r.error());
  if (!config.text("rtmp.listen").empty()) {
    SocketAddress& rtmp = out.rtmp.emplace();
    if (auto r = open_tcp(config, "rtmp.listen", "rtmp", rtmp, out.sockets); !r) return unexpected(r.error());
  }
  auto addresses = media_addresses(config.list("media.listen"));
  if (!addresses) return unexpected(addresses.error());
  if (auto r = bind_media(std::move(*addresses), shards_of(config), out); !r) return unexpected(r.error());
  auto pipe = net::bind_udp(*SocketAddress::from_ip("127.0.0.1", 0));
  if (!pipe) return unexpected(sentence("the pipe between relay and compose", pipe.error()));
  out.sockets.push_back({"pipe", std::move(*pipe)});
  for (const char* role : {"control", "relay", "origin"}) {
    auto fd = net::listen_unix((run_folder / (std::string(role) + ".sock")).string());
    if (!fd) return unexpected(sentence("the data directory", fd.error()));
    out.sockets.push_back({std::string(role) + "_sock", std::move(*fd)});
  }
  return out;
}

SocketAddress reachable(const SocketAddress& listen) {
  if (!listen.is_any()) return listen;
  for (const auto& interface : net::interface_addresses())
    if (!interface.address.is_loopback() && interface.address.is_v4() == listen.is_v4())
      return interface.address.with_port(listen.port());
  return *SocketAddress::from_ip(listen.is_v4() ? "127.0.0.1" : "::1", listen.port());
}

int Listeners::fd(std::string_view name) const {
  auto found = std::ranges::find(sockets, name, &NamedFd::name);
  return found == sockets.end() ? -1 : found->fd.get();
}

std::string Listeners::listen_json() const {
  nlohmann::ordered_json shards = nlohmann::json::array();
  for (const auto& addresses : media) {
    nlohmann::ordered_json shard = nlohmann::json::array();
    for (const SocketAddress& address : addresses) shard.push_back(address.to_string());
    shards.push_back(std::move(shard));
  }
  nlohmann::ordered_json document = {{"http", http.to_string()}, {"origin", origin.to_string()}};
  if (rtmp) document["rtmp"] = rtmp->to_string();
  document["media"] = std::move(shards);
  return document.dump(2) + "\n";
}

}  // namespace footlight::app
