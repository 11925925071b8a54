#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "base/socket_address.h"
#include "base/unique_fd.h"

namespace footlight::app {

// A descriptor under the name that ARCHITECTURE.md gives it: "http", "rtmp", "media", "media_tcp", "pipe",
// "control_sock" …
struct NamedFd {
  std::string name;
  UniqueFd fd;
};

// Every listening socket of the machine, opened in one place before any role starts, and kept open for as long as the
// supervisor lives: a killed role refuses no connection. Errors are one sentence that names key, address and mend.
struct Listeners {
  std::vector<NamedFd> sockets;
  SocketAddress http, origin;                         // as bound: port 0 became a number
  std::optional<SocketAddress> rtmp;                  // none where rtmp.listen is empty
  std::vector<std::vector<SocketAddress>> media;      // a shard each: loopback first, one port number for UDP and TCP
  [[nodiscard]] int fd(std::string_view name) const;  // -1: none
  [[nodiscard]] std::string listen_json() const;      // CONTRACT §2: <data>/run/listen.json
};
[[nodiscard]] Result<Listeners, Error> open_listeners(const Config& config, const std::filesystem::path& run_folder);

// Where others reach a listener: its address; for one on all addresses the first interface's, else loopback.
[[nodiscard]] SocketAddress reachable(const SocketAddress& listen);

// media.listen as addresses: a port alone stands for 127.0.0.1 and each interface address.
[[nodiscard]] Result<std::vector<SocketAddress>, Error> media_addresses(const std::vector<std::string>& entries);

}  // namespace footlight::app
