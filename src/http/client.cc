#include "http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <deque>
#include <vector>

#include "http/client_connection.h"
#include "http/loop_impl.h"
#include "http/response_head.h"
#include "http/tls_context.h"

namespace footlight::http {
namespace {

constexpr size_t kQueueBound = 1024;
// A Unix socket whose backlog is full says EAGAIN instead of waiting (unix(7)): its owner is restarting or busy.
constexpr Duration kBacklogPause = Duration::millis(10);

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;  // 0: unreadable
};

Endpoint parse_endpoint(std::string_view text) {
  Endpoint e;
  if (text.starts_with("unix:")) {
    text.remove_prefix(5);
    auto& un = reinterpret_cast<sockaddr_un&>(e.address);
    if (text.empty() || text.size() >= sizeof(un.sun_path)) return e;
    un.sun_family = AF_UNIX;
    std::copy(text.begin(), text.end(), un.sun_path);
    e.size = sizeof(un);
    return e;
  }
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return e;
  std::string host(text.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return e;
  auto& v4 = reinterpret_cast<sockaddr_in&>(e.address);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(e.address);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    e.size = sizeof(v4);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    e.size = sizeof(v6);
  }
  return e;
}

}  // namespace

std::string_view sentence(ClientError e) {
  switch (e) {
    case ClientError::kConnect:
      return "the connection was refused";
    case ClientError::kTimeout:
      return "there was no answer in time";
    case ClientError::kClosed:
      return "the connection was closed before the answer";
    case ClientError::kProtocol:
      return "the answer was not well-formed HTTP";
    case ClientError::kTls:
      return "the TLS handshake failed, or the certificate is not trusted";
  }
  return "unknown";
}

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  Impl(Loop& l, std::string_view text, size_t max, std::optional<ClientTls> t)
      : loop(l), endpoint(parse_endpoint(text)), max_connections(max), tls(std::move(t)) {}

  void enqueue(Request request, Duration timeout, Callback callback) {
    if (queue.size() >= kQueueBound)
      return loop.post([callback = std::move(callback)] { callback(unexpected(ClientError::kTimeout)); });
    auto job = std::make_shared<ClientJob>();
    job->head = build_request_head(request);
    job->request = std::move(request);
    job->callback = std::move(callback);
    job->timeout = loop.after(timeout, [weak = weak_from_this(), raw = job.get()] {
      if (auto self = weak.lock()) self->on_timeout(raw);
    });
    queue.push_back(std::move(job));
    pump();
  }

  // Gives waiting jobs to idle connections, then to new ones up to the bound.
  void pump() {
    while (!queue.empty()) {
      auto idle = queue.front()->sent_again ? connections.end() : find_idle();
      if (idle == connections.end() && connections.size() >= max_connections && !drop_idle()) return;
      std::shared_ptr<ClientConnection> connection = idle == connections.end() ? open() : *idle;
      if (!connection) return;  // open() failed the job or waits
      auto job = std::move(queue.front());
      queue.pop_front();
      connection->carry(std::move(job));
    }
  }

  std::vector<std::shared_ptr<ClientConnection>>::iterator find_idle() {
    return std::find_if(connections.begin(), connections.end(), [](const auto& c) { return c->idle(); });
  }

  bool drop_idle() {
    auto idle = find_idle();
    if (idle == connections.end()) return false;
    (*idle)->close();
    connections.erase(idle);
    return true;
  }

  std::shared_ptr<ClientConnection> open() {
    int family = endpoint.address.ss_family;
    UniqueFd fd(endpoint.size == 0 ? -1 : ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.valid()) return fail_front(ClientError::kConnect);
    if (family != AF_UNIX) {
      int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) != 0 &&
        errno != EINPROGRESS) {
      if (errno != EAGAIN) return fail_front(ClientError::kConnect);
      backlog_pause = loop.after(kBacklogPause, [this] { pump(); });
      return nullptr;
    }
    std::unique_ptr<Transport> transport;
    if (tls) {
      if (!tls_context) {
        auto made = make_client_context(tls->ca_file);
        if (!made) return fail_front(ClientError::kTls);
        tls_context = std::move(*made);
      }
      transport = make_tls_client_transport(fd.get(), *tls_context, tls->server_name.c_str());
    } else {
      transport = make_plain_transport(fd.get());
    }
    auto connection =
        std::make_shared<ClientConnection>(loop.impl().io, std::move(fd), std::move(transport), tls.has_value());
    connection->on_finished = [this](ClientConnection& c, std::shared_ptr<ClientJob> job,
                                     ClientConnection::Outcome outcome) {
      on_finished(c, std::move(job), std::move(outcome));
    };
    connection->on_idle_closed = [this](ClientConnection& c) { forget(c); };
    connections.push_back(connection);
    return connection;
  }

  // The callback runs later: request() never calls back from inside itself.
  std::shared_ptr<ClientConnection> fail_front(ClientError error) {
    auto job = std::move(queue.front());
    queue.pop_front();
    job->timeout.cancel();
    loop.post([weak = weak_from_this(), job = std::move(job), error] {
      auto self = weak.lock();
      if (!self) return;
      job->callback(unexpected(error));
      self->pump();
    });
    return nullptr;
  }

  void on_finished(ClientConnection& connection, std::shared_ptr<ClientJob> job, ClientConnection::Outcome outcome) {
    auto self = shared_from_this();
    if (!outcome.reusable) forget(connection);
    if (outcome.may_send_again && !job->sent_again) {
      job->sent_again = true;
      queue.push_front(std::move(job));
      return pump();
    }
    job->timeout.cancel();
    if (closed) return;
    auto callback = std::move(job->callback);
    callback(std::move(outcome.result));
    if (!closed) pump();
  }

  void on_timeout(ClientJob* raw) {
    auto self = shared_from_this();
    std::shared_ptr<ClientJob> job;
    auto queued = std::find_if(queue.begin(), queue.end(), [&](const auto& j) { return j.get() == raw; });
    if (queued != queue.end()) {
      job = std::move(*queued);
      queue.erase(queued);
    } else {
      auto carrying =
          std::find_if(connections.begin(), connections.end(), [&](const auto& c) { return c->job().get() == raw; });
      if (carrying == connections.end()) return;
      job = (*carrying)->job();
      auto connection = *carrying;
      connections.erase(carrying);
      silence(*connection);
    }
    job->callback(unexpected(ClientError::kTimeout));
    if (!closed) pump();
  }

  void forget(ClientConnection& connection) {
    std::erase_if(connections, [&](const auto& c) { return c.get() == &connection; });
  }

  static void silence(ClientConnection& connection) {
    connection.on_finished = nullptr;
    connection.on_idle_closed = nullptr;
    connection.close();
  }

  void shut() {
    closed = true;
    for (auto& connection : connections) silence(*connection);
    connections.clear();
    queue.clear();
    backlog_pause.cancel();
  }

  Loop& loop;
  Endpoint endpoint;
  size_t max_connections;
  std::optional<ClientTls> tls;
  SslContext tls_context;
  std::deque<std::shared_ptr<ClientJob>> queue;
  std::vector<std::shared_ptr<ClientConnection>> connections;
  Loop::Timer backlog_pause;
  bool closed = false;
};

Client::Client(Loop& loop, std::string endpoint, size_t max_connections, std::optional<ClientTls> tls)
    : impl_(std::make_shared<Impl>(loop, endpoint, max_connections, std::move(tls))) {}

Client::~Client() { impl_->shut(); }

void Client::request(Request request, Duration timeout, Callback callback) {
  impl_->enqueue(std::move(request), timeout, std::move(callback));
}

}  // namespace footlight::http
