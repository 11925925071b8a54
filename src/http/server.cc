#include "http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "http/connection.h"
#include "http/loop_impl.h"
#include "http/metrics.h"
#include "http/tls_context.h"

namespace footlight::http {
namespace {

constexpr Logger kLog("http");
constexpr int kAcceptsPerWake = 64;                            // then open connections get their turn
constexpr Duration kAcceptPause = Duration::millis(100);       // after running out of descriptors
constexpr Duration kCertificateLook = Duration::millis(1000);  // between looks at the certificate's files

std::string peer_name(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), ntohs(v6.sin6_port));
  }
  return "unix";
}

struct Listener {
  boost::asio::posix::stream_descriptor socket;
  Loop::Timer pause;
  bool waiting = false;
};

}  // namespace

struct Server::Impl final : ConnectionOwner, std::enable_shared_from_this<Server::Impl> {
  explicit Impl(Loop& l) : loop(l) {}

  void on_connection_closed(Connection& connection) override {
    connections.erase(&connection);
    if (connections.size() + 1 == options.max_connections)
      for (auto& listener : listeners) wait_accept(*listener);
    finish_drain_if_empty();
  }

  void wait_accept(Listener& listener) {
    if (draining || listener.waiting || connections.size() >= options.max_connections) return;
    listener.waiting = true;
    listener.socket.async_wait(listener.socket.wait_read,
                               [weak = weak_from_this(), &listener](const boost::system::error_code& error) {
                                 auto self = weak.lock();
                                 if (error || !self) return;
                                 listener.waiting = false;
                                 self->accept_some(listener);
                               });
  }

  void accept_some(Listener& listener) {
    for (int i = 0; i < kAcceptsPerWake && connections.size() < options.max_connections && !draining; ++i) {
      sockaddr_storage address{};
      socklen_t size = sizeof(address);
      UniqueFd fd(::accept4(listener.socket.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd.valid()) {
        adopt(std::move(fd), address);
        continue;
      }
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) return pause_accepting(listener);
      if (errno == EAGAIN) break;
    }
    wait_accept(listener);
  }

  void pause_accepting(Listener& listener) {
    kLog.error("out of file descriptors: raise the limit (ulimit -n)", {{"server", options.name}});
    listener.pause = loop.after(kAcceptPause, [this, &listener] { wait_accept(listener); });
  }

  void adopt(UniqueFd fd, const sockaddr_storage& address) {
    if (address.ss_family != AF_UNIX) {
      int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    bool tls = certificate.enabled();
    auto transport = tls ? make_tls_server_transport(fd.get(), certificate.current()) : make_plain_transport(fd.get());
    if (!transport) return;
    auto connection = std::make_shared<Connection>(*this, loop.impl().io, std::move(fd), std::move(transport), tls,
                                                   peer_name(address));
    connections.emplace(connection.get(), connection);
    connection->begin();
  }

  void look_at_certificate() {
    certificate_timer = loop.after(kCertificateLook, [this] {
      certificate.look();
      look_at_certificate();
    });
  }

  void begin_drain(Duration limit, std::function<void()> done) {
    draining = true;
    drained = std::move(done);
    for (auto& listener : listeners) {
      boost::system::error_code ignored;
      listener->socket.close(ignored);
    }
    for (auto& connection : snapshot()) connection->drain();
    drain_timer = loop.after(limit, [this] {
      for (auto& connection : snapshot()) connection->close();
    });
    // Later, never from inside drain(): the caller may destroy the server in `done`.
    loop.post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->finish_drain_if_empty();
    });
  }

  void finish_drain_if_empty() {
    if (!drained || !connections.empty()) return;
    drain_timer.cancel();
    loop.post(std::exchange(drained, nullptr));
  }

  [[nodiscard]] std::vector<std::shared_ptr<Connection>> snapshot() const {
    std::vector<std::shared_ptr<Connection>> out;
    out.reserve(connections.size());
    for (const auto& [key, connection] : connections) out.push_back(connection);
    return out;
  }

  Loop& loop;
  ReloadingContext certificate;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
  Loop::Timer certificate_timer, drain_timer;
  std::function<void()> drained;
};

Server::Server(Loop& loop, ServerOptions options, Handler handler) : impl_(std::make_shared<Impl>(loop)) {
  impl_->options = std::move(options);
  impl_->handler = std::move(handler);
}

Server::~Server() {
  impl_->draining = true;
  impl_->drained = nullptr;
  for (auto& connection : impl_->snapshot()) connection->detach();
}

Result<void, Error> Server::listen(UniqueFd socket) {
  const ServerOptions& o = impl_->options;
  if (!o.tls_cert.empty() && !impl_->certificate.enabled()) {
    auto opened = impl_->certificate.open(o.tls_cert, o.tls_key);
    if (!opened) return opened;
    impl_->look_at_certificate();
  }
  int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) < 0)
    return fail("the listening socket of " + o.name + " is not usable");
  impl_->listeners.push_back(std::make_unique<Listener>(
      boost::asio::posix::stream_descriptor(impl_->loop.impl().io, socket.release()), Loop::Timer{}));
  impl_->wait_accept(*impl_->listeners.back());
  return {};
}

void Server::drain(Duration limit, std::function<void()> done) { impl_->begin_drain(limit, std::move(done)); }

size_t Server::connections() const { return impl_->connections.size(); }

std::string Server::metrics() const { return build_metrics(impl_->options.name, connections(), impl_->counters); }

}  // namespace footlight::http
