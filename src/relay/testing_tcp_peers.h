#pragma once
// For tests: ICE-TCP on real loopback connections, under the network's hand-turned clock.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/listen.h"
#include "relay/tcp_peers.h"
#include "relay/test_peer.h"

namespace footlight::relay::test {

// The far end of a connection: frames in and out, as a browser writes them.
class Connection {
 public:
  explicit Connection(const SocketAddress& to, int receive_buffer = 0) {
    sockaddr_storage address{};
    size_t size = to.to_sockaddr(address);
    fd_ = UniqueFd(::socket(address.ss_family, SOCK_STREAM, 0));
    if (receive_buffer > 0) ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)), 0);
  }
  void write(ByteView bytes) { (void)!::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void send_packet(ByteView packet) {
    std::vector<uint8_t> frame = {static_cast<uint8_t>(packet.size() >> 8), static_cast<uint8_t>(packet.size())};
    frame.insert(frame.end(), packet.begin(), packet.end());
    for (size_t at = 0; at < frame.size(); at += chunk)
      write(ByteView(frame).subspan(at, std::min(chunk, frame.size() - at)));
  }
  // What has come, packet by packet.
  void read(const std::function<void(MutableByteView)>& take) {
    std::array<uint8_t, 4000> buffer{};
    for (;;) {
      ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      closed_ = closed_ || size == 0 || (size < 0 && errno != EAGAIN);
      if (size <= 0) return;
      deframer_.put(MutableByteView(buffer).first(static_cast<size_t>(size)));
      while (auto packet = deframer_.take_packet()) take(*packet);
    }
  }
  bool closed() {
    read([](MutableByteView) {});
    return closed_;
  }
  void end() { fd_.reset(); }
  size_t chunk = SIZE_MAX;  // bytes a write

 private:
  UniqueFd fd_;
  ice::Deframer deframer_;
  bool closed_ = false;
};

class TcpPeersTest : public testing::Test {
 protected:
  TcpPeersTest() {
    auto fd = net::listen_tcp(address("127.0.0.1:0"));
    std::vector<net::TcpListener> listeners;
    listeners.push_back(std::move(*net::TcpListener::adopt(std::move(*fd), TcpPeers::kOptions)));
    at_ = listeners[0].bound_address();
    tcp_ = std::make_unique<TcpPeers>(reactor_, std::move(listeners), network_.core(), [this](Timestamp now) {
      network_.core().flush(now);
      tcp_->flush();
      tcp_->close_cut(now);
    });
    network_.tcp = tcp_.get();
  }
  ~TcpPeersTest() override { network_.tcp = nullptr; }

  // Milliseconds of the network's clock; each gives real sockets their turn.
  void run(Duration duration) {
    for (Timestamp end = network_.now() + duration; network_.now() < end;) {
      network_.run(Duration::millis(1));
      turn();
    }
  }
  void turn() {
    network_.mark(true);
    tcp_->flush();
    reactor_.run_for(Duration::zero());
    network_.mark(false);
    for (auto& [peer, connection] : travellers_)
      connection->read([&](MutableByteView packet) { peer->on_datagram(packet, network_.now()); });
  }
  bool run_until(const std::function<bool()>& done, Duration limit) {
    for (Timestamp end = network_.now() + limit; network_.now() < end && !done();) run(Duration::millis(1));
    return done();
  }
  void travel(Peer& peer, Connection& connection) {
    travellers_.emplace_back(&peer, &connection);
    network_.detours[peer.at()] = [&connection](ByteView bytes) { connection.send_packet(bytes); };
  }
  bool connect(Peer& peer) {
    return run_until([&] { return peer.connected(); }, Duration::seconds(3));
  }
  std::string transport_of(const std::string& id) {
    auto observed = network_.core().observed(network_.now());
    for (const auto& s : observed.sessions)
      if (s.id == id) return s.state == "ended" ? s.end_reason : s.transport;
    return "";
  }
  uint64_t dropped(Drop reason) { return network_.core().counters().dropped(reason); }

  Network network_;
  NetworkClock clock_{network_};
  net::Reactor reactor_{clock_};
  SocketAddress at_;
  std::unique_ptr<TcpPeers> tcp_;
  std::vector<std::pair<Peer*, Connection*>> travellers_;
  Peer publisher_{network_, "10.0.0.1:5000", {.publishes = true}};
  Peer viewer_{network_, "10.0.0.2:5000"};
};

}  // namespace footlight::relay::test
