#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "net/reactor.h"
#include "net/send_queue.h"
#include "net/udp_socket.h"
#include "relay/relay.h"
#include "relay/shard_core.h"

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

// One shard thread: epoll over the media sockets and the pipe, timers, posted calls, and the core they drive. Owned
// by Relay. Datagrams come in batches; what the core sends in a turn leaves at its end. post() from any thread.
class Shard {
 public:
  Shard(std::vector<net::UdpSocket> media, std::vector<net::UdpSocket> pipe, CoreOptions options,
        dtls::Certificate certificate, std::function<void()> on_change);
  ~Shard();

  void start();
  void stop();
  // Runs `task` on the shard thread; false when its queue is full or it is stopping.
  [[nodiscard]] bool post(std::function<void(ShardCore&, Timestamp now)> task);

 private:
  void on_media(net::UdpSocket& socket, Timestamp now);
  void on_pipe(Timestamp now);
  // What follows everything that touched the core: forward, send, notify, next timer.
  void finish_turn(Timestamp now);

  dtls::Certificate certificate_;
  std::vector<net::UdpSocket> media_sockets_;
  std::vector<net::UdpSocket> pipe_sockets_;  // one
  SocketOutput media_output_;
  SocketOutput pipe_output_;
  ShardCore core_;
  net::Reactor reactor_;
  net::Reactor::Timer timer_;
  std::vector<net::Reactor::Watch> watches_;
  std::function<void()> on_change_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace footlight::relay
