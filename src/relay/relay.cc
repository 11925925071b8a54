#include "relay/relay.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>

#include "base/log.h"
#include "base/random.h"
#include "net/listen.h"
#include "relay/capture_file.h"
#include "relay/rtmp_peers.h"
#include "relay/shard.h"
#include "relay/shard_mesh.h"
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

// Sockets of one port number belong together: they are one shard's.
Result<std::vector<ShardSockets>, Error> shards_of(RelaySockets& sockets) {
  std::vector<ShardSockets> shards;
  auto shard_of = [&](uint16_t port) {
    return std::ranges::find_if(shards, [&](const auto& s) { return s.media.front().bound_address().port() == port; });
  };
  for (UniqueFd& fd : sockets.media) {
    auto socket = net::UdpSocket::adopt(std::move(fd));
    if (!socket) return unexpected(socket.error());
    auto shard = shard_of(socket->bound_address().port());
    if (shard == shards.end()) shard = shards.insert(shards.end(), ShardSockets{});
    shard->media.push_back(std::move(*socket));
  }
  for (UniqueFd& fd : sockets.media_tcp) {
    auto listener = net::TcpListener::adopt(std::move(fd), TcpPeers::kOptions);
    if (!listener) return unexpected(listener.error());
    auto shard = shard_of(listener->bound_address().port());
    if (shard == shards.end()) return fail("The relay has a TCP socket of a port without a UDP socket.");
    shard->media_tcp.push_back(std::move(*listener));
  }
  std::vector<net::TcpListener> rtmp;
  for (UniqueFd& fd : sockets.rtmp) {
    auto listener = net::TcpListener::adopt(std::move(fd), RtmpPeers::kOptions);
    if (!listener) return unexpected(listener.error());
    rtmp.push_back(std::move(*listener));
  }
  auto pipe = net::UdpSocket::adopt(std::move(sockets.pipe));
  if (!pipe) return unexpected(pipe.error());
  if (shards.empty()) return fail("The relay needs at least one media socket.");
  shards.front().pipe.push_back(std::move(*pipe));
  shards.front().rtmp = std::move(rtmp);
  return shards;
}

}  // namespace

struct Relay::Impl {
  RelaySockets sockets;
  RelayOptions options;
  SocketAddress pipe_address;
  std::function<void()> changed;
  // Shards use what stands above them until they are joined.
  std::unique_ptr<CaptureFile> capture;
  std::optional<dtls::Certificate> certificate;
  std::unique_ptr<ShardMesh> mesh;
  std::vector<std::unique_ptr<Shard>> shards;

  bool post(size_t shard, std::function<void(ShardCore&, Timestamp)> task) {
    return shard < shards.size() && shards[shard]->post(std::move(task));
  }
};

Relay::Relay(RelaySockets sockets, RelayOptions options) : epoch_(random_id()), impl_(std::make_unique<Impl>()) {
  impl_->sockets = std::move(sockets);
  impl_->options = std::move(options);
}

Relay::~Relay() { stop(); }

Result<void, Error> Relay::start() {
  auto sockets = shards_of(impl_->sockets);
  if (!sockets) return unexpected(sockets.error());
  auto certificate = dtls::Certificate::generate();
  if (!certificate) return unexpected(certificate.error());
  impl_->certificate = std::move(*certificate);
  impl_->pipe_address = sockets->front().pipe.front().bound_address();
  size_t count = sockets->size();
  impl_->mesh = std::make_unique<ShardMesh>(count);
  std::vector<std::unique_ptr<Shard>> shards;
  for (size_t i = 0; i < count; ++i) {
    ShardSockets& own = (*sockets)[i];
    auto candidates = candidates_of(own.media, !own.media_tcp.empty(), impl_->options.announce);
    if (!candidates) return unexpected(candidates.error());
    CoreOptions core;
    core.candidates = std::move(*candidates);
    core.pipe_address = impl_->pipe_address;
    core.epoch = epoch_;
    core.bounds = impl_->options.bounds.shared_by(count);
    core.mesh = impl_->mesh.get();
    core.shard = i;
    kLog.info("shard starts", {{"shard", i}, {"candidates", core.candidates.size()}});
    shards.push_back(std::make_unique<Shard>(std::move(own), std::move(core), *impl_->certificate, impl_->changed));
  }
  kLog.info("relay starts", {{"epoch", epoch_}, {"shards", count}, {"pipe", impl_->pipe_address.to_string()}});
  if (!impl_->options.capture.empty()) {
    // A ring's order between two threads cannot be given again.
    if (count > 1) return fail("debug.capture needs one shard: set media.shards to 1.");
    auto file = CaptureFile::create(impl_->options.capture);
    if (!file) return unexpected(file.error());
    impl_->capture = std::move(*file);
    shards.front()->capture_to(*impl_->capture);
  }
  impl_->shards = std::move(shards);
  for (auto& shard : impl_->shards) shard->start();
  return {};
}

void Relay::stop() {
  for (auto& shard : impl_->shards) shard->begin_stop();
  for (auto& shard : impl_->shards) shard->stop();
}

void Relay::on_change(std::function<void()> changed) { impl_->changed = std::move(changed); }

bool Relay::apply(state::RelayDesired desired) {
  bool all = !impl_->shards.empty();
  // One that could not take it hears it again with the others: applying the same twice changes nothing.
  auto shared = std::make_shared<const state::RelayDesired>(std::move(desired));
  for (size_t i = 0; i < impl_->shards.size(); ++i)
    all = impl_->post(i, [shared](ShardCore& core, Timestamp now) { core.apply(*shared, now); }) && all;
  return all;
}

void Relay::create_session(state::SessionRequest request, SessionCallback done) {
  auto shared = std::make_shared<SessionCallback>(std::move(done));
  std::string id = request.id;
  bool posted = false;
  if (impl_->mesh) {
    StreamDirectory& directory = impl_->mesh->directory;
    bool placed = directory.shard_of(id).has_value();
    posted =
        impl_->post(directory.place(id), [r = std::move(request), shared, &directory](ShardCore& core, Timestamp now) {
          auto reply = core.create_session(r, now);
          if (!core.knows(r.id)) directory.forget(r.id);
          (*shared)(std::move(reply));
        });
    if (!posted && !placed) directory.forget(id);
  }
  if (!posted) (*shared)(unexpected(SessionError{SessionErrorKind::kUnavailable, std::string(kBusy)}));
}

void Relay::patch_session(std::string id, std::string sdpfrag, PatchCallback done) {
  auto shard = impl_->mesh ? impl_->mesh->directory.shard_of(id) : std::nullopt;
  if (impl_->mesh && !shard)
    return done(unexpected(SessionError{SessionErrorKind::kUnknownSession, "There is no such session."}));
  auto shared = std::make_shared<PatchCallback>(std::move(done));
  bool posted =
      shard && impl_->post(*shard, [i = std::move(id), f = std::move(sdpfrag), shared](ShardCore& core, Timestamp now) {
        (*shared)(core.patch_session(i, f, now));
      });
  if (!posted) (*shared)(unexpected(SessionError{SessionErrorKind::kUnavailable, std::string(kBusy)}));
}

void Relay::delete_session(std::string id, std::function<void()> done) {
  auto shard = impl_->mesh ? impl_->mesh->directory.shard_of(id) : std::nullopt;
  auto shared = std::make_shared<std::function<void()>>(std::move(done));
  bool posted = shard && impl_->post(*shard, [i = std::move(id), shared](ShardCore& core, Timestamp now) {
    core.delete_session(i, now);
    (*shared)();
  });
  if (!posted) (*shared)();
}

bool Relay::observed(std::function<void(state::RelayObserved)> done) {
  struct Gathering {
    std::mutex lock;
    std::vector<ShardReport> reports;
    size_t missing = 0;
    bool given_up = false;
    std::function<void(state::RelayObserved)> done;
  };
  auto all = std::make_shared<Gathering>();
  all->missing = impl_->shards.size();
  all->reports.resize(all->missing);
  all->done = std::move(done);
  for (size_t i = 0; i < impl_->shards.size(); ++i) {
    bool posted = impl_->post(i, [all, i, epoch = epoch_, pipe = impl_->pipe_address](ShardCore& core, Timestamp now) {
      ShardReport report = core.report(now);
      std::unique_lock guard(all->lock);
      all->reports[i] = std::move(report);
      if (--all->missing > 0 || all->given_up) return;
      guard.unlock();  // the last one: nobody else looks any more
      all->done(observed_of(epoch, pipe, std::move(all->reports)));
    });
    if (posted) continue;
    std::lock_guard guard(all->lock);
    all->given_up = true;
    return false;
  }
  return !impl_->shards.empty();
}

}  // namespace footlight::relay
