#include "net/listen.h"

#include <fmt/core.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace footlight::net {
namespace {

ListenError failure(std::string_view what, const std::string& where, int error) {
  switch (error) {
    case EADDRINUSE:
      return {ListenErrorKind::kInUse,
              fmt::format("{} {} is in use: stop the process that holds it, or choose another", what, where)};
    case EACCES:
    case EPERM:
      return {ListenErrorKind::kNotPermitted,
              fmt::format("{} {} may not be opened by this user: choose a port from 1024 on, or grant the right", what,
                          where)};
    case EADDRNOTAVAIL:
      return {ListenErrorKind::kNoSuchAddress,
              fmt::format("{} {} is not an address of this machine: choose one of its own", what, where)};
    default:
      return {ListenErrorKind::kOther, fmt::format("{} {} cannot be opened: {}", what, where, std::strerror(error))};
  }
}

Result<UniqueFd, ListenError> bound_socket(const SocketAddress& address, int type, std::string_view what) {
  sockaddr_storage storage{};
  size_t size = address.to_sockaddr(storage);
  if (size == 0) return unexpected(ListenError{ListenErrorKind::kNoSuchAddress, "no address to listen on was given"});
  UniqueFd fd(::socket(storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return unexpected(failure(what, address.to_string(), errno));
  int on = 1;
  if (type == SOCK_STREAM) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // One family a socket: "[::]" beside "0.0.0.0" on one port, and no v4-mapped addresses to mistake for IPv6.
  if (address.is_v6()) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), static_cast<socklen_t>(size)) != 0)
    return unexpected(failure(what, address.to_string(), errno));
  return fd;
}

bool answers(const sockaddr_un& address) {
  UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // A full backlog (EAGAIN) is a living listener too.
  return probe.valid() &&
         (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN);
}

}  // namespace

Result<UniqueFd, ListenError> listen_tcp(const SocketAddress& address, int backlog) {
  auto fd = bound_socket(address, SOCK_STREAM, "TCP port");
  if (fd && ::listen(fd->get(), backlog) != 0) return unexpected(failure("TCP port", address.to_string(), errno));
  return fd;
}

Result<UniqueFd, ListenError> bind_udp(const SocketAddress& address) {
  return bound_socket(address, SOCK_DGRAM, "UDP port");
}

Result<UniqueFd, ListenError> listen_unix(const std::string& path, int backlog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return unexpected(ListenError{ListenErrorKind::kOther,
                                  fmt::format("socket path {} is longer than {} bytes: choose a shorter data directory",
                                              path, sizeof address.sun_path - 1)});
  std::ranges::copy(path, address.sun_path);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return unexpected(failure("socket", path, errno));
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    if (answers(address)) return unexpected(failure("socket", path, EADDRINUSE));
    ::unlink(path.c_str());
  }
  // The file appears with the mode of the descriptor: nobody can connect before the mode is right.
  ::fchmod(fd.get(), S_IRUSR | S_IWUSR);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(fd.get(), backlog) != 0)
    return unexpected(failure("socket", path, errno));
  return fd;
}

Result<SocketAddress, Error> local_address(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return fail(fmt::format("descriptor {} has no address: {}", fd, std::strerror(errno)));
  auto address = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&storage), size);
  if (!address) return fail(fmt::format("descriptor {} is not an IP socket", fd));
  return *address;
}

std::vector<InterfaceAddress> interface_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  std::vector<InterfaceAddress> found;
  std::vector<InterfaceAddress> others;
  for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr || (i->ifa_flags & IFF_UP) == 0) continue;
    size_t size = i->ifa_addr->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    auto address = SocketAddress::from_sockaddr(i->ifa_addr, size);
    if (!address || (address->is_v6() && address->is_link_local())) continue;
    (address->is_loopback() ? found : others).push_back({i->ifa_name, *address});
  }
  ::freeifaddrs(list);
  found.insert(found.end(), others.begin(), others.end());
  return found;
}

}  // namespace footlight::net
