#include "load/viewer.h"

#include <algorithm>
#include <array>

#include "load/offer_text.h"
#include "rtp/demux.h"

namespace footlight::load {
namespace {

constexpr size_t kMtu = 1500;
constexpr Duration kVanishPatience = Duration::seconds(2);

}  // namespace

Viewer::Viewer(const ViewerGround& ground, VanishAt vanish)
    : ground_(ground),
      vanish_(vanish),
      credentials_(ice::make_credentials()),
      timer_(ground.reactor, [this](Timestamp now) { after_event(now); }) {}
Viewer::~Viewer() = default;

std::string Viewer::begin(Timestamp now) {
  asked_ = now;
  auto socket = net::ClientSocket::open(ground_.own_address.is_v6(), ground_.take_runs);
  if (!socket) {
    end(State::kFailed, socket.error().message);
    return {};
  }
  socket_.emplace(std::move(*socket));
  return write_viewer_offer({credentials_, ground_.certificate.fingerprint(),
                             ground_.own_address.with_port(socket_->bound_address().port())});
}

void Viewer::on_answer(const Result<SessionMade, Error>& made, Timestamp now) {
  if (state_ != State::kAsking) return;
  if (!made) return end(State::kFailed, made.error().message);
  auto answer = Answer::parse(made->answer);
  if (!answer) return end(State::kFailed, answer.error().message);
  state_ = State::kConnecting;
  vanish_if(VanishAt::kAfterPost);
  if (state_ != State::kConnecting) return;
  bool v6 = socket_->bound_address().is_v6();
  if (std::ranges::none_of(answer->candidates, [v6](const SocketAddress& a) { return a.is_v6() == v6; })) {
    auto other = net::ClientSocket::open(!v6, ground_.take_runs);  // signalling and media in different families
    if (!other) return end(State::kFailed, other.error().message);
    socket_.emplace(std::move(*other));
  }
  answer_.emplace(std::move(*answer));
  link_ = std::make_unique<PeerLink>(ground_.certificate, credentials_, *answer_, socket_->bound_address(), now);
  watch_ =
      ground_.reactor.watch(socket_->fd(), net::Interest::kRead, [this](net::Ready, Timestamp at) { on_readable(at); });
  after_event(now);
}

void Viewer::on_readable(Timestamp now) {
  bool urgent = false;
  for (net::Datagram& datagram : socket_->receive(ground_.batch)) {
    // Media alone needs no answer before its timer; everything else may.
    urgent |= rtp::kind_of_datagram(datagram.bytes) != rtp::DatagramKind::kRtp;
    on_datagram(datagram, now);
    if (!socket_) return;  // vanished
  }
  if (urgent || (media_ && media_->next_timeout() < timer_.when())) after_event(now);
}

void Viewer::on_datagram(net::Datagram& datagram, Timestamp now) {
  switch (rtp::kind_of_datagram(datagram.bytes)) {
    case rtp::DatagramKind::kStun:
      link_->on_stun(datagram.bytes, datagram.tuple.remote, now);
      if (link_->remote()) vanish_if(VanishAt::kAfterIce);
      break;
    case rtp::DatagramKind::kDtls:
      vanish_if(VanishAt::kMidDtls);
      if (state_ != State::kVanished) link_->on_dtls(datagram.bytes, now);
      if (!media_ && link_->state() == PeerLink::State::kConnected) on_connected(now);
      break;
    case rtp::DatagramKind::kRtp:
      // A loop that is late must not look like a path that is.
      if (media_) media_->on_rtp(datagram.bytes, datagram.arrival);
      break;
    case rtp::DatagramKind::kRtcp:
      if (media_) media_->on_rtcp(datagram.bytes, now);
      break;
    case rtp::DatagramKind::kUnknown:
      break;
  }
}

void Viewer::on_connected(Timestamp now) {
  state_ = State::kConnected;
  connected_ = now;
  media_ = std::make_unique<ViewerMedia>(*answer_, link_->sender(), link_->receiver(), now);
  // Nothing else is heard from here on, and sends find their way without a lookup.
  (void)socket_->connect(*link_->remote());
}

void Viewer::after_event(Timestamp now) {
  if (!link_ || !socket_) return;
  while (auto packet = link_->take_packet(now)) (void)socket_->send(packet->to, packet->bytes);
  std::array<uint8_t, kMtu> buffer;
  if (media_ && link_->state() == PeerLink::State::kConnected)
    for (ByteView rtcp = media_->take_rtcp(now, buffer); !rtcp.empty(); rtcp = media_->take_rtcp(now, buffer))
      (void)socket_->send(*link_->remote(), rtcp);
  // Media flows before a viewer vanishes in the midst of it, unless the stream has none.
  if (media_ && (media_->first_packet() || now - *connected_ >= kVanishPatience)) vanish_if(VanishAt::kConnected);
  if (state_ == State::kVanished) return;
  if (link_->state() == PeerLink::State::kClosed || link_->state() == PeerLink::State::kFailed)
    return end(media_ ? State::kLost : State::kFailed, link_->failure());
  Timestamp due = link_->next_timeout();
  if (media_) {
    due = std::min(due, media_->next_timeout());
  } else {
    if (now - asked_ >= kConnectPatience) return end(State::kFailed, "not connected in time");
    due = std::min(due, asked_ + kConnectPatience);
  }
  timer_.set(due);
}

void Viewer::vanish_if(VanishAt stage) {
  if (vanish_ == stage) end(State::kVanished, {});
}

void Viewer::end(State state, std::string failure) {
  state_ = state;
  failure_ = std::move(failure);
  timer_.cancel();
  watch_ = {};
  socket_.reset();
}

void Viewer::leave(Timestamp now) {
  if (state_ == State::kConnecting || state_ == State::kConnected) {
    link_->close();
    while (auto packet = link_->take_packet(now)) (void)socket_->send(packet->to, packet->bytes);
    end(State::kLeft, {});
  }
}

Viewer::Times Viewer::times() const {
  Times times{.asked = asked_, .connected = connected_, .first_packet = {}, .first_picture = {}};
  if (!media_) return times;
  times.first_packet = media_->first_packet();
  times.first_picture = media_->first_picture();
  return times;
}

}  // namespace footlight::load
