#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "net/reactor.h"
#include "net/tcp_listener.h"
#include "relay/shard_core.h"
#include "rtmp/server_session.h"

namespace footlight::relay {

// RTMP connections of a shard. Owned by the shard, on its thread. In: accepted connections, whose bytes go through an
// rtmp::ServerSession; who shows a key that desired state names becomes a session of the core, which gets its frames.
// Out: what the machine answers. A connection whose session has ended (taken over, key changed) is told so and closed;
// who shows no key in time, or breaks a bound, is cut, with the reason in the log. Keys are never logged.
class RtmpPeers {
 public:
  // Answers are small: a peer that leaves so many unread is cut.
  static constexpr net::TcpOptions kOptions = {.max_queued = 64 * 1024};

  // `turn_ended` is called after each event that may have touched the core.
  RtmpPeers(net::Reactor& reactor, std::vector<net::TcpListener> listeners, ShardCore& core,
            std::function<void(Timestamp now)> turn_ended);

  // The end of a turn: connections whose session ended in it are told, those that are over are closed.
  void close_ended(Timestamp now);
  [[nodiscard]] size_t size() const { return connections_.size(); }

 private:
  struct Connection {
    Connection(net::TcpStream accepted, Timestamp now) : stream(std::move(accepted)), protocol(now) {}
    net::TcpStream stream;
    rtmp::ServerSession protocol;
    RtmpSession* session = nullptr;     // once a key was accepted, until it ends
    bool over = false;                  // nothing more is to be said: to be closed
    bool broken = false;                // the peer takes nothing more
    std::optional<Timestamp> close_by;  // what was said last may still be on its way
    bool waits_for_room = false;
    rtmp::MediaCounters counted;  // of what its protocol has counted
    net::Reactor::Watch watch;    // last: ends before its descriptor
  };

  void accept(net::TcpListener& listener, Timestamp now);
  void make_room(const SocketAddress& remote, Timestamp now);
  void on_ready(Connection& connection, net::Ready ready, Timestamp now);
  void read(Connection& connection, Timestamp now);
  void count(Connection& connection, size_t bytes);
  void on_event(Connection& connection, const rtmp::Event& event, Timestamp now);
  void on_publish(Connection& connection, const rtmp::PublishRequest& request, Timestamp now);
  void say(Connection& connection);
  void wait_for_room(Connection& connection, bool wanted);
  // The peer has closed the connection, or it broke.
  void lose(Connection& connection, std::string_view detail, Timestamp now);
  // The connection ends for `reason`, with what it has still to say.
  void finish(Connection& connection, std::string_view reason, std::string_view detail, Timestamp now);
  void sweep(Timestamp now);

  net::Reactor& reactor_;
  ShardCore& core_;
  std::function<void(Timestamp)> turn_ended_;
  std::vector<net::TcpListener> listeners_;
  std::vector<std::unique_ptr<Connection>> connections_;  // oldest first
  std::vector<uint8_t> input_;                            // one read
  LogLimit stranger_log_{100};  // lines at most each so many milliseconds: strangers choose how often they are cut
  net::Reactor::Timer sweep_timer_;
  std::vector<net::Reactor::Watch> listener_watches_;
};

}  // namespace footlight::relay
