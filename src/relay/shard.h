#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "net/reactor.h"
#include "net/send_queue.h"
#include "net/udp_socket.h"
#include "relay/relay.h"
#include "relay/rtmp_peers.h"
#include "relay/shard_core.h"
#include "relay/tcp_peers.h"

namespace footlight::relay {

// Send queues of a set of sockets as one output: each datagram leaves by the socket whose address it names.
class SocketOutput final : public DatagramOutput {
 public:
  explicit SocketOutput(std::vector<net::UdpSocket>& sockets);
  [[nodiscard]] MutableByteView slot(const AddressPair& tuple) override;
  void commit(size_t size) override;
  void flush();

 private:
  [[nodiscard]] size_t index_of(const SocketAddress& local) const;

  std::vector<SocketAddress> bound_;
  std::vector<std::unique_ptr<net::SendQueue>> queues_;
  AddressPair tuple_;
  size_t current_ = 0;
};

// UDP's sockets and TCP's connections as one output.
class MediaOutput final : public DatagramOutput {
 public:
  MediaOutput(SocketOutput& udp, TcpPeers& tcp) : udp_(udp), tcp_(tcp) {}
  [[nodiscard]] MutableByteView slot(const AddressPair& tuple) override {
    current_ = tuple.protocol == Protocol::kTcp ? static_cast<DatagramOutput*>(&tcp_) : &udp_;
    return current_->slot(tuple);
  }
  void commit(size_t size) override { current_->commit(size); }

 private:
  SocketOutput& udp_;
  TcpPeers& tcp_;
  DatagramOutput* current_ = nullptr;
};

// What a shard listens on. `media`: one a local address; `media_tcp`: the same addresses, or none; `pipe`: one, or
// none.
struct ShardSockets {
  std::vector<net::UdpSocket> media;
  std::vector<net::TcpListener> media_tcp;
  std::vector<net::UdpSocket> pipe;
  std::vector<net::TcpListener> rtmp;
};

// One shard thread: epoll over the media sockets and the pipe, TCP's connections, timers, posted calls, and the core
// they drive. Owned by Relay. Datagrams come in batches; what the core sends in a turn leaves at its end. post() from
// any thread.
class Shard {
 public:
  // `certificate` and the mesh in `options`, if there is one, outlive it.
  Shard(ShardSockets sockets, CoreOptions options, const dtls::Certificate& certificate,
        std::function<void()> on_change);
  ~Shard();

  void start();
  // Before start(): what comes in is captured. `sink` outlives it.
  void capture_to(CaptureSink& sink);
  void begin_stop();  // says goodbye to every peer; stop() waits for it
  void stop();
  // Runs `task` on the shard thread; false when its queue is full or it is stopping.
  [[nodiscard]] bool post(std::function<void(ShardCore&, Timestamp now)> task);

 private:
  void on_media(net::UdpSocket& socket, Timestamp now);
  void on_pipe(Timestamp now);
  // What follows everything that touched the core: forward, send, notify, next timer.
  void finish_turn(Timestamp now);

  net::Doorbell* bell_;  // the mesh's for this shard; nullptr: no other shards
  std::vector<net::UdpSocket> media_sockets_;
  std::vector<net::UdpSocket> pipe_sockets_;
  net::Reactor reactor_;
  SocketOutput udp_output_;
  TcpPeers tcp_peers_;
  RtmpPeers rtmp_peers_;
  MediaOutput media_output_;
  SocketOutput pipe_output_;
  ShardCore core_;
  std::optional<Capture> capture_;
  net::Reactor::Timer timer_;
  std::vector<net::Reactor::Watch> watches_;
  std::function<void()> on_change_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace footlight::relay
