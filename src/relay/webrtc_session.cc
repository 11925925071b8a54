#include "relay/webrtc_session.h"

#include "base/log.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

}  // namespace

WebRtcSession::WebRtcSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport,
                             Counters& counters, Timestamp now)
    : Session(std::move(id), std::move(stream), counters, now), transport_(std::move(transport)) {}

void WebRtcSession::on_dtls(ByteView datagram, const AddressPair& tuple, Timestamp now) {
  transport_->on_dtls(datagram, tuple, now);
  check_transport(now);
}

void WebRtcSession::check_transport(Timestamp now) {
  switch (transport_->state()) {
    case WebRtcTransport::State::kNew:
      return;
    case WebRtcTransport::State::kConnected:
      if (life() == Life::kNew && transport_->writable()) {
        set_connected();
        on_connected(now);
      }
      return;
    case WebRtcTransport::State::kClosedByPeer:
      end("closed_by_peer", now);
      return;
    case WebRtcTransport::State::kFailed:
      kLog.info("handshake failed", {{"session", id()}, {"failure", dtls::name_of(transport_->failure())}});
      end("dtls_failed", now);
      return;
  }
}

void WebRtcSession::on_rtp(MutableByteView datagram, const AddressPair& tuple, Timestamp now) {
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

void WebRtcSession::on_rtcp(MutableByteView datagram, const AddressPair& tuple, Timestamp now) {
  auto plain = transport_->unprotect_rtcp(datagram, tuple);
  if (!plain) return;
  ++counters_.rtcp_in;
  if (!on_plain_rtcp(*plain, now)) counters_.drop(Drop::kMalformed);
}

void WebRtcSession::on_ice_event(const ice::LiteEvent& event, Timestamp now) {
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

void WebRtcSession::tick_transport(Timestamp now) {
  transport_->tick(now);
  check_transport(now);
}

}  // namespace footlight::relay
