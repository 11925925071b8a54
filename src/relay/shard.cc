#include "relay/shard.h"

#include <algorithm>

#include "base/thread_role.h"

namespace footlight::relay {

SocketOutput::SocketOutput(std::vector<net::UdpSocket>& sockets) {
  for (net::UdpSocket& socket : sockets) {
    bound_.push_back(socket.bound_address());
    queues_.push_back(std::make_unique<net::SendQueue>(socket));
  }
}

size_t SocketOutput::index_of(const SocketAddress& local) const {
  // A shard has a handful of sockets; a wildcard one stands for every address of its family.
  for (size_t i = 0; i < bound_.size(); ++i)
    if (bound_[i] == local) return i;
  for (size_t i = 0; i < bound_.size(); ++i)
    if (bound_[i].is_any() && bound_[i].port() == local.port() && bound_[i].is_v4() == local.is_v4()) return i;
  return 0;
}

MutableByteView SocketOutput::slot(const AddressPair& tuple) {
  if (tuple.local != tuple_.local) current_ = index_of(tuple.local);
  tuple_ = tuple;
  return queues_[current_]->slot();
}

void SocketOutput::commit(size_t size) { queues_[current_]->commit(size, tuple_); }

void SocketOutput::flush() {
  for (auto& queue : queues_) queue->flush();
}

Shard::Shard(ShardSockets sockets, CoreOptions options, const dtls::Certificate& certificate,
             std::function<void()> on_change)
    : bell_(options.mesh ? &options.mesh->bell(options.shard) : nullptr),
      media_sockets_(std::move(sockets.media)),
      pipe_sockets_(std::move(sockets.pipe)),
      udp_output_(media_sockets_),
      tcp_peers_(reactor_, std::move(sockets.media_tcp), core_, [this](Timestamp now) { finish_turn(now); }),
      rtmp_peers_(reactor_, std::move(sockets.rtmp), core_, [this](Timestamp now) { finish_turn(now); }),
      media_output_(udp_output_, tcp_peers_),
      pipe_output_(pipe_sockets_),
      core_(std::move(options), certificate, media_output_, pipe_output_),
      timer_(reactor_,
             [this](Timestamp now) {
               core_.tick(now);
               finish_turn(now);
             }),
      on_change_(std::move(on_change)) {
  for (net::UdpSocket& socket : media_sockets_)
    watches_.push_back(reactor_.watch(socket.fd(), net::Interest::kRead,
                                      [this, &socket](net::Ready, Timestamp now) { on_media(socket, now); }));
  for (net::UdpSocket& socket : pipe_sockets_)
    watches_.push_back(
        reactor_.watch(socket.fd(), net::Interest::kRead, [this](net::Ready, Timestamp now) { on_pipe(now); }));
  if (bell_)
    watches_.push_back(reactor_.watch(bell_->fd(), net::Interest::kRead, [this](net::Ready, Timestamp now) {
      bell_->answer();
      core_.on_bell(now);
      finish_turn(now);
    }));
}

Shard::~Shard() { stop(); }

void Shard::start() {
  thread_ = std::thread([this] {
    name_thread("shard");
    put_thread_first();
    reactor_.run();
  });
}

void Shard::capture_to(CaptureSink& sink) {
  capture_.emplace(sink);
  core_.capture_to(&*capture_, reactor_.now());
}

void Shard::begin_stop() {
  if (!thread_.joinable() || stopping_.exchange(true)) return;
  bool posted = reactor_.post([this] {
    core_.end_all("relay_stopped", reactor_.now());
    finish_turn(reactor_.now());
    reactor_.stop();
  });
  if (!posted) reactor_.stop();
}

void Shard::stop() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
}

bool Shard::post(std::function<void(ShardCore&, Timestamp now)> task) {
  if (stopping_) return false;
  return reactor_.post([this, task = std::move(task)] {
    task(core_, reactor_.now());
    finish_turn(reactor_.now());
  });
}

void Shard::on_media(net::UdpSocket& socket, Timestamp now) {
  for (net::Datagram& datagram : socket.receive())
    core_.on_media(datagram.bytes, datagram.tuple, datagram.arrival, now);
  finish_turn(now);
}

void Shard::on_pipe(Timestamp now) {
  for (net::Datagram& datagram : pipe_sockets_[0].receive()) core_.on_pipe(datagram.bytes, datagram.tuple.remote, now);
  finish_turn(now);
}

void Shard::finish_turn(Timestamp now) {
  rtmp_peers_.close_ended(now);
  core_.flush(now);
  udp_output_.flush();
  tcp_peers_.flush();
  tcp_peers_.close_cut(now);
  pipe_output_.flush();
  Timestamp due = core_.next_tick();
  if (due == Timestamp::max())
    timer_.cancel();
  else
    timer_.set(due);
  if (core_.take_changed() && on_change_) on_change_();
}

}  // namespace footlight::relay
