#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "ice/tcp_framing.h"
#include "net/reactor.h"
#include "net/tcp_listener.h"
#include "relay/datagram_output.h"
#include "relay/shard_core.h"

namespace footlight::relay {

// ICE-TCP connections of a shard (RFC 6544, passive; RFC 4571 framing): WebRTC's packets for those whose network lets
// no UDP through. Owned by the shard, on its thread. In: accepted connections, whose packets go to the core; the first
// must be a STUN request that authenticates, within 5 s. Out: slots, gathered a run for one connection and written
// together. A slow reader's media is dropped and counted; who breaks a bound is cut, with the reason in the log.
class TcpPeers final : public DatagramOutput {
 public:
  // What a stream of this class may hold back. Media beyond it is dropped, so that a player sees loss and not delay.
  static constexpr net::TcpOptions kOptions = {.max_queued = 128 * 1024, .kernel_unsent = 64 * 1024};

  // `turn_ended` is called after each event that may have touched the core.
  TcpPeers(net::Reactor& reactor, std::vector<net::TcpListener> listeners, ShardCore& core,
           std::function<void(Timestamp now)> turn_ended);

  [[nodiscard]] MutableByteView slot(const AddressPair& tuple) override;
  void commit(size_t size) override;
  // What was committed leaves.
  void flush();
  // The end of a turn: connections that were cut in it are closed.
  void close_cut(Timestamp now);
  [[nodiscard]] size_t size() const { return connections_.size(); }

 private:
  struct Connection {
    Connection(net::TcpStream accepted, Timestamp now) : stream(std::move(accepted)), since(now), progress_at(now) {}
    net::TcpStream stream;
    ice::Deframer deframer;
    Timestamp since;
    bool authenticated = false;
    std::string_view cut_for;  // why it is to be closed; empty: it lives
    bool waits_for_room = false;
    uint64_t progress = 0;  // bytes written by progress_at
    Timestamp progress_at;
    net::Reactor::Watch watch;  // last: ends before its descriptor
  };

  void accept(net::TcpListener& listener, Timestamp now);
  void make_room(const SocketAddress& remote);
  void on_ready(Connection& connection, net::Ready ready, Timestamp now);
  void read(Connection& connection, Timestamp now);
  void take_packet(Connection& connection, MutableByteView packet, Timestamp now);
  void send_piecemeal(Connection& connection, ByteView run);
  void note_sent(Connection& connection, net::TcpSent result);
  static void watch_for_room(Connection& connection, bool wanted);
  void cut(Connection& connection, std::string_view reason);
  void sweep(Timestamp now);

  net::Reactor& reactor_;
  ShardCore& core_;
  std::function<void(Timestamp)> turn_ended_;
  std::vector<net::TcpListener> listeners_;
  std::unordered_map<AddressPair, std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> strangers_;  // not authenticated yet, oldest first
  std::vector<Connection*> cut_;
  std::vector<uint8_t> input_;  // one read
  std::vector<uint8_t> run_;    // frames for run_for_
  size_t run_size_ = 0;
  AddressPair run_tuple_;
  Connection* run_for_ = nullptr;  // null: a tuple whose connection has gone
  // Lines at most each so many milliseconds: they choose how often they are cut. Strangers never hide a peer's end.
  LogLimit stranger_log_{100};
  LogLimit peer_log_{10};
  net::Reactor::Timer sweep_timer_;
  std::vector<net::Reactor::Watch> listener_watches_;
};

}  // namespace footlight::relay
