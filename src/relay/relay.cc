#include "relay/relay.h"

#include <algorithm>
#include <iterator>

#include "base/log.h"
#include "base/random.h"
#include "net/listen.h"
#include "relay/shard.h"
#include "relay/tcp_peers.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// Answers list announced addresses first (they are how the outside gets in), then interfaces, then loopback; and all
// of them again for TCP, which peers try when UDP fails (RFC 6544 §4.2).
Result<std::vector<sdp::LocalCandidate>, Error> candidates_of(const std::vector<net::UdpSocket>& media, bool with_tcp,
                                                              const std::vector<std::string>& announce) {
  std::vector<SocketAddress> addresses;
  for (const std::string& text : announce) {
    auto address = SocketAddress::from_ip(text, media.front().bound_address().port());
    if (!address) return fail("media.announce: \"" + text + "\" is no IP address; give addresses without a port.");
    addresses.push_back(*address);
  }
  std::vector<SocketAddress> local;
  for (const net::UdpSocket& socket : media) {
    const SocketAddress& bound = socket.bound_address();
    if (!bound.is_any()) {
      local.push_back(bound);
      continue;
    }
    for (const net::InterfaceAddress& interface : net::interface_addresses())
      if (interface.address.is_v4() == bound.is_v4()) local.push_back(interface.address.with_port(bound.port()));
  }
  for (bool loopback : {false, true})
    std::ranges::copy_if(local, std::back_inserter(addresses),
                         [&](const SocketAddress& a) { return a.is_loopback() == loopback; });
  std::vector<sdp::LocalCandidate> candidates;
  for (const SocketAddress& address : addresses) {
    sdp::LocalCandidate candidate{address.ip_string(), address.port()};
    bool known = std::ranges::any_of(candidates, [&](const sdp::LocalCandidate& c) {
      return c.address == candidate.address && c.port == candidate.port;
    });
    if (!known) candidates.push_back(std::move(candidate));
  }
  for (size_t i = 0, udp = candidates.size(); with_tcp && i < udp; ++i)
    candidates.push_back({candidates[i].address, candidates[i].port, true});
  return candidates;
}

constexpr std::string_view kBusy = "The relay is too busy or stopping; try again.";

}  // namespace

struct Relay::Impl {
  RelaySockets sockets;
  RelayOptions options;
  std::function<void()> changed;
  std::unique_ptr<Shard> shard;

  bool post(std::function<void(ShardCore&, Timestamp)> task) { return shard && shard->post(std::move(task)); }
};

Relay::Relay(RelaySockets sockets, RelayOptions options) : epoch_(random_id()), impl_(std::make_unique<Impl>()) {
  impl_->sockets = std::move(sockets);
  impl_->options = std::move(options);
}

Relay::~Relay() { stop(); }

Result<void, Error> Relay::start() {
  if (impl_->sockets.media.empty()) return fail("The relay needs at least one media socket.");
  std::vector<net::UdpSocket> media;
  for (UniqueFd& fd : impl_->sockets.media) {
    auto socket = net::UdpSocket::adopt(std::move(fd));
    if (!socket) return unexpected(socket.error());
    media.push_back(std::move(*socket));
  }
  std::vector<net::TcpListener> media_tcp;
  for (UniqueFd& fd : impl_->sockets.media_tcp) {
    auto listener = net::TcpListener::adopt(std::move(fd), TcpPeers::kOptions);
    if (!listener) return unexpected(listener.error());
    media_tcp.push_back(std::move(*listener));
  }
  std::vector<net::TcpListener> rtmp;
  for (UniqueFd& fd : impl_->sockets.rtmp) {
    auto listener = net::TcpListener::adopt(std::move(fd), RtmpPeers::kOptions);
    if (!listener) return unexpected(listener.error());
    rtmp.push_back(std::move(*listener));
  }
  auto pipe_socket = net::UdpSocket::adopt(std::move(impl_->sockets.pipe));
  if (!pipe_socket) return unexpected(pipe_socket.error());
  auto certificate = dtls::Certificate::generate();
  if (!certificate) return unexpected(certificate.error());
  auto candidates = candidates_of(media, !impl_->sockets.media_tcp.empty(), impl_->options.announce);
  if (!candidates) return unexpected(candidates.error());
  CoreOptions core;
  core.candidates = std::move(*candidates);
  core.pipe_address = pipe_socket->bound_address();
  core.epoch = epoch_;
  core.max_sessions = impl_->options.max_sessions;
  kLog.info("relay starts",
            {{"epoch", epoch_}, {"candidates", core.candidates.size()}, {"pipe", core.pipe_address.to_string()}});
  std::vector<net::UdpSocket> pipe;
  pipe.push_back(std::move(*pipe_socket));
  impl_->shard =
      std::make_unique<Shard>(ShardSockets{std::move(media), std::move(media_tcp), std::move(pipe), std::move(rtmp)},
                              std::move(core), std::move(*certificate), impl_->changed);
  impl_->shard->start();
  return {};
}

void Relay::stop() {
  if (impl_->shard) impl_->shard->stop();
}

void Relay::on_change(std::function<void()> changed) { impl_->changed = std::move(changed); }

bool Relay::apply(state::RelayDesired desired) {
  return impl_->post([d = std::move(desired)](ShardCore& core, Timestamp now) { core.apply(d, now); });
}

void Relay::create_session(state::SessionRequest request, SessionCallback done) {
  auto shared = std::make_shared<SessionCallback>(std::move(done));
  bool posted = impl_->post(
      [r = std::move(request), shared](ShardCore& core, Timestamp now) { (*shared)(core.create_session(r, now)); });
  if (!posted) (*shared)(unexpected(SessionError{SessionErrorKind::kUnavailable, std::string(kBusy)}));
}

void Relay::patch_session(std::string id, std::string sdpfrag, PatchCallback done) {
  auto shared = std::make_shared<PatchCallback>(std::move(done));
  bool posted = impl_->post([i = std::move(id), f = std::move(sdpfrag), shared](ShardCore& core, Timestamp now) {
    (*shared)(core.patch_session(i, f, now));
  });
  if (!posted) (*shared)(unexpected(SessionError{SessionErrorKind::kUnavailable, std::string(kBusy)}));
}

void Relay::delete_session(std::string id, std::function<void()> done) {
  auto shared = std::make_shared<std::function<void()>>(std::move(done));
  bool posted = impl_->post([i = std::move(id), shared](ShardCore& core, Timestamp now) {
    core.delete_session(i, now);
    (*shared)();
  });
  if (!posted) (*shared)();
}

bool Relay::observed(std::function<void(state::RelayObserved)> done) {
  return impl_->post([cb = std::move(done)](ShardCore& core, Timestamp now) { cb(core.observed(now)); });
}

}  // namespace footlight::relay
