#include "relay/webrtc_session.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "sdp/relayed_candidates.h"

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
        note_connected(now);
        set_connected();
        on_connected(now);
      }
      return;
    case WebRtcTransport::State::kClosedByPeer:
      end_by_transport("closed_by_peer", now);
      return;
    case WebRtcTransport::State::kFailed:
      kLog.info("handshake failed", {{"session", id()}, {"failure", dtls::name_of(transport_->failure())}});
      end_by_transport("dtls_failed", now);
      return;
  }
}

void WebRtcSession::on_rtp(MutableByteView datagram, const AddressPair& tuple, Timestamp now) {
  auto plain = transport_->unprotect_rtp(datagram, tuple);
  if (!plain) return;
  if (capture) capture->note(CaptureKind::kRtp, now, id(), *plain);
  on_clear_rtp(*plain, now);
}

void WebRtcSession::on_clear_rtp(ByteView plain, Timestamp now) {
  auto packet = rtp::PacketView::parse(plain);
  if (!packet) {
    counters_.drop(Drop::kMalformed);
    return;
  }
  ++counters_.packets_in;
  counters_.bytes_in += plain.size();
  on_plain_rtp(*packet, now);
}

void WebRtcSession::on_rtcp(MutableByteView datagram, const AddressPair& tuple, Timestamp now) {
  auto plain = transport_->unprotect_rtcp(datagram, tuple);
  if (!plain) return;
  if (capture) capture->note(CaptureKind::kRtcp, now, id(), *plain);
  on_clear_rtcp(*plain, now);
}

void WebRtcSession::on_clear_rtcp(ByteView plain, Timestamp now) {
  ++counters_.rtcp_in;
  if (now - rtcp_since_ >= Duration::seconds(1)) {
    rtcp_since_ = now;
    rtcp_count_ = 0;
  }
  if (++rtcp_count_ > kMaxRtcpRate) {
    cut("too_much_rtcp");
    return;
  }
  if (!on_plain_rtcp(plain, now)) counters_.drop(Drop::kMalformed);
}

void WebRtcSession::drop_stray(rtp::Ssrc ssrc) {
  counters_.drop(Drop::kUnknownSsrc);
  if (std::ranges::find(strays_, ssrc) != strays_.end()) return;
  if (strays_.size() < kMaxStraySsrcs)
    strays_.push_back(ssrc);
  else
    cut("too_many_ssrcs");
}

void WebRtcSession::note_relayed(std::string_view sdp) {
  for (const SocketAddress& address : sdp::relayed_candidates(sdp))
    if (relayed_.size() < sdp::kMaxRelayedCandidates && std::ranges::find(relayed_, address) == relayed_.end())
      relayed_.push_back(address);
}

std::string_view WebRtcSession::transport_name() const {
  auto remote = transport_->remote();
  if (remote && std::ranges::find(relayed_, *remote) != relayed_.end()) return "turn";
  return transport_->protocol() == Protocol::kTcp ? "tcp" : "udp";
}

void WebRtcSession::note_connected(Timestamp now) {
  if (!capture) return;
  std::array<uint8_t, 11> body{};
  ByteWriter writer(body);
  writer.u16(static_cast<uint16_t>(transport_->profile()));
  writer.u8(transport_->protocol() == Protocol::kTcp ? 1 : 0);
  writer.u64(static_cast<uint64_t>(transport_->handshake_round_trip().value_or(Duration::zero()).us()));
  capture->note(CaptureKind::kConnected, now, id(), body);
}

void WebRtcSession::end_by_transport(const char* reason, Timestamp now) {
  if (capture && !ended()) capture->note(CaptureKind::kEnded, now, id(), as_bytes(reason));
  end(reason, now);
}

void WebRtcSession::connect_replayed(srtp::Profile profile, Protocol protocol, Duration round_trip, Timestamp now) {
  if (life() != Life::kNew || !transport_->connect_unkeyed(profile, protocol, round_trip)) return;
  set_connected();
  on_connected(now);
}

void WebRtcSession::on_ice_event(const ice::LiteEvent& event, Timestamp now) {
  switch (event.kind) {
    case ice::LiteEventKind::kStalled:
      ice_stalled_ = true;
      if (capture) capture->note(CaptureKind::kStalled, now, id());
      break;
    case ice::LiteEventKind::kResumed:
      ice_stalled_ = false;
      if (capture) capture->note(CaptureKind::kResumed, now, id());
      break;
    case ice::LiteEventKind::kExpired:
      end_by_transport("consent_expired", now);
      break;
    case ice::LiteEventKind::kSelected:
      change_route(now);
      break;
    case ice::LiteEventKind::kTupleAdded:
    case ice::LiteEventKind::kTupleRemoved:
    case ice::LiteEventKind::kConnected:
    case ice::LiteEventKind::kRestarted:
      break;
  }
  if (!ended()) check_transport(now);
}

void WebRtcSession::change_route(Timestamp now) {
  if (life() != Life::kConnected && life() != Life::kStalled) return;
  if (capture) capture->note(CaptureKind::kMoved, now, id());
  on_route_change(now);
}

void WebRtcSession::tick_transport(Timestamp now) {
  if (cut_reason_) {
    end_by_transport(cut_reason_, now);
    return;
  }
  if (replayed_) return;
  transport_->tick(now);
  check_transport(now);
}

}  // namespace footlight::relay
