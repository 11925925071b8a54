#include "net/tcp_listener.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/listen.h"

namespace footlight::net {
namespace {

UniqueFd spare_descriptor() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

std::optional<SocketAddress> own_address(int fd) {
  auto address = local_address(fd);
  return address ? std::optional(*address) : std::nullopt;
}

}  // namespace

Result<TcpListener, Error> TcpListener::adopt(UniqueFd fd, const TcpOptions& options) {
  int listening = 0;
  int type = 0;
  socklen_t size = sizeof(int);
  auto bound = local_address(fd.get());
  if (!bound) return unexpected(bound.error());
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM ||
      ::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0)
    return fail(fmt::format("descriptor {} at {} is not a listening TCP socket", fd.get(), bound->to_string()));
  int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return fail(fmt::format("TCP socket {} cannot be used: {}", bound->to_string(), std::strerror(errno)));
  TcpListener listener;
  listener.fd_ = std::move(fd);
  listener.spare_ = spare_descriptor();
  listener.bound_ = *bound;
  listener.options_ = options;
  return listener;
}

std::optional<TcpStream> TcpListener::accept() {
  for (;;) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    UniqueFd fd(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.valid()) {
      if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
      if (errno == EMFILE || errno == ENFILE) refuse_one();
      return std::nullopt;
    }
    auto remote = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&from), size);
    auto local = own_address(fd.get());
    if (!remote || !local) continue;  // gone already
    return TcpStream(std::move(fd), {*local, *remote, Protocol::kTcp}, options_);
  }
}

void TcpListener::refuse_one() {
  spare_.reset();
  UniqueFd refused(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (refused.valid()) ++refused_;
  refused.reset();
  spare_ = spare_descriptor();
}

}  // namespace footlight::net
