#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dtls/certificate.h"
#include "load/peer_link.h"
#include "load/signalling.h"
#include "load/viewer_media.h"
#include "load/watch_crowd.h"
#include "net/client_socket.h"
#include "net/reactor.h"

namespace footlight::load {

// What the viewers of one thread share; it outlives them.
struct ViewerGround {
  net::Reactor& reactor;
  net::ReceiveBatch& batch;
  const dtls::Certificate& certificate;
  SocketAddress own_address;  // port ignored: the host candidate's address
  bool take_runs = true;      // see WatchOptions
};

// One WHEP viewer with its own UDP socket. Owned by a crowd's worker, on the worker's reactor thread. In: the answer to
// its offer, datagrams, timers. Out: its state, times and totals, which the worker reads now and then.
class Viewer {
 public:
  enum class State : uint8_t {
    kAsking,      // the offer is on its way
    kConnecting,  // ICE, DTLS
    kConnected,
    kVanished,  // where it was to
    kFailed,    // never connected: failure() says why
    kLost,      // was connected; failure() says why no more
    kLeft,      // said goodbye
  };
  struct Times {
    Timestamp asked;
    std::optional<Timestamp> connected, first_packet, first_picture;
  };
  // A browser's ICE gives up after about as long.
  static constexpr Duration kConnectPatience = Duration::seconds(20);

  Viewer(const ViewerGround& ground, VanishAt vanish);
  ~Viewer();
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  // Opens the socket and gives the offer; empty when there is no socket to be had (then it has failed).
  [[nodiscard]] std::string begin(Timestamp now);
  void on_answer(const Result<SessionMade, Error>& made, Timestamp now);
  void leave(Timestamp now);  // close_notify; the DELETE is the crowd's

  [[nodiscard]] State state() const { return state_; }
  // Nothing more will come of it but media.
  [[nodiscard]] bool decided() const {
    bool on_its_way = state_ == State::kAsking || state_ == State::kConnecting;
    return !on_its_way && !(state_ == State::kConnected && vanish_ == VanishAt::kConnected);
  }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] Times times() const;
  [[nodiscard]] MediaTotals totals() const { return media_ ? media_->totals() : MediaTotals{}; }

 private:
  void on_readable(Timestamp now);
  void on_datagram(net::Datagram& datagram, Timestamp now);
  void after_event(Timestamp now);  // sends what is due, looks at the link, arms the timer
  void on_connected(Timestamp now);
  void vanish_if(VanishAt stage);
  void end(State state, std::string failure);

  ViewerGround ground_;
  VanishAt vanish_;
  ice::Credentials credentials_;
  std::optional<net::ClientSocket> socket_;
  net::Reactor::Watch watch_;
  net::Reactor::Timer timer_;
  std::optional<Answer> answer_;
  std::unique_ptr<PeerLink> link_;
  std::unique_ptr<ViewerMedia> media_;
  State state_ = State::kAsking;
  std::string failure_;
  Timestamp asked_;
  std::optional<Timestamp> connected_;
};

}  // namespace footlight::load
