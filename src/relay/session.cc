#include "relay/session.h"

#include "base/log.h"
#include "rtp/packet_view.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// A browser that has its answer connects within a second or two; ICE with trickle and TURN may take ten.
constexpr Duration kConnectTimeout = Duration::seconds(15);

std::string_view name_of(Session::Life life) {
  switch (life) {
    case Session::Life::kNew:
      return "new";
    case Session::Life::kConnected:
      return "connected";
    case Session::Life::kStalled:
      return "stalled";
    case Session::Life::kEnded:
      return "ended";
  }
  return "";
}

}  // namespace

Session::Session(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport, Counters& counters,
                 Timestamp now)
    : counters_(counters),
      id_(std::move(id)),
      stream_(std::move(stream)),
      transport_(std::move(transport)),
      created_at_(now) {}

void Session::set_life(Life life) {
  if (life_ == life) return;
  life_ = life;
  changed_ = true;
  kLog.info("session state",
            {{"session", id_}, {"stream", stream_}, {"state", name_of(life)}, {"reason", end_reason_}});
}

void Session::on_dtls(ByteView datagram, const AddressPair& tuple, Timestamp now) {
  transport_->on_dtls(datagram, tuple, now);
  check_transport(now);
}

void Session::check_transport(Timestamp now) {
  switch (transport_->state()) {
    case WebRtcTransport::State::kNew:
      return;
    case WebRtcTransport::State::kConnected:
      if (life_ == Life::kNew && transport_->writable()) {
        set_life(Life::kConnected);
        on_connected(now);
      }
      return;
    case WebRtcTransport::State::kClosedByPeer:
      end("closed_by_peer", now);
      return;
    case WebRtcTransport::State::kFailed:
      kLog.info("handshake failed", {{"session", id_}, {"failure", dtls::name_of(transport_->failure())}});
      end("dtls_failed", now);
      return;
  }
}

void Session::on_rtp(MutableByteView datagram, const AddressPair& tuple, Timestamp now) {
  auto plain = transport_->unprotect_rtp(datagram, tuple);
  if (!plain) return;
  auto packet = rtp::PacketView::parse(*plain);
  if (!packet) {
    counters_.drop(Drop::kMalformed);
    return;
  }
  ++counters_.packets_in;
  counters_.bytes_in += plain->size();
  on_plain_rtp(*packet, now);
}

void Session::on_rtcp(MutableByteView datagram, const AddressPair& tuple, Timestamp now) {
  auto plain = transport_->unprotect_rtcp(datagram, tuple);
  if (!plain) return;
  ++counters_.rtcp_in;
  if (!on_plain_rtcp(*plain, now)) counters_.drop(Drop::kMalformed);
}

void Session::on_ice_event(const ice::LiteEvent& event, Timestamp now) {
  switch (event.kind) {
    case ice::LiteEventKind::kStalled:
      ice_stalled_ = true;
      break;
    case ice::LiteEventKind::kResumed:
      ice_stalled_ = false;
      break;
    case ice::LiteEventKind::kExpired:
      end("consent_expired", now);
      break;
    case ice::LiteEventKind::kTupleAdded:
    case ice::LiteEventKind::kTupleRemoved:
    case ice::LiteEventKind::kConnected:
    case ice::LiteEventKind::kSelected:
    case ice::LiteEventKind::kRestarted:
      break;
  }
  if (!ended()) check_transport(now);
}

void Session::tick_life(Timestamp now) {
  if (ended()) return;
  transport_->tick(now);
  check_transport(now);
  if (ended()) return;
  if (life_ == Life::kNew) {
    if (now - created_at_ >= kConnectTimeout) end("connect_timeout", now);
    return;
  }
  set_life(ice_stalled_ || silent(now) ? Life::kStalled : Life::kConnected);
}

void Session::end(std::string reason, Timestamp now) {
  if (ended()) return;
  on_end(now);
  transport_->close();
  end_reason_ = std::move(reason);
  ended_at_ = now;
  set_life(Life::kEnded);
}

state::SessionObserved Session::observe(Timestamp now) {
  state::SessionObserved observed;
  observed.id = id_;
  observed.kind = publishes_ ? "publish" : "subscribe";
  observed.stream = stream_;
  observed.state = name_of(life_);
  observed.end_reason = end_reason_;
  observed.transport = life_ == Life::kNew ? "" : "udp";
  if (!ended()) fill(observed, now);
  return observed;
}

}  // namespace footlight::relay
