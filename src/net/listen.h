#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "base/socket_address.h"
#include "base/unique_fd.h"

// The supervisor's openers. Every descriptor is non-blocking and close-on-exec; an Error is one sentence that names
// the address, the reason and, where there is one, the mend.
namespace footlight::net {

enum class ListenErrorKind { kInUse, kNotPermitted, kNoSuchAddress, kOther };

struct ListenError {
  ListenErrorKind kind{};
  std::string message;
};

// Port 0 takes any free port: ask local_address(). SO_REUSEADDR is set for TCP, so a restart does not wait.
[[nodiscard]] Result<UniqueFd, ListenError> listen_tcp(const SocketAddress& address, int backlog = 4096);
[[nodiscard]] Result<UniqueFd, ListenError> bind_udp(const SocketAddress& address);
// Replaces a socket file that nobody listens on any more; mode 0600. A living listener is kInUse.
[[nodiscard]] Result<UniqueFd, ListenError> listen_unix(const std::string& path, int backlog = 1024);

[[nodiscard]] Result<SocketAddress, Error> local_address(int fd);

struct InterfaceAddress {
  std::string name;       // "eth0"
  SocketAddress address;  // port 0
};
// Addresses of interfaces that are up, loopback first; without IPv6 link-local ones, which no candidate can carry.
[[nodiscard]] std::vector<InterfaceAddress> interface_addresses();

}  // namespace footlight::net
