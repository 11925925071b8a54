#include "relay/webrtc_transport.h"

#include <array>
#include <cstring>

namespace footlight::relay {
namespace {

// A client that lost our last flight asks for it by its own retransmissions, and has given up long before this.
constexpr Duration kHandshakeKept = Duration::seconds(60);

}  // namespace

Drop drop_of(srtp::SrtpError error) {
  switch (error) {
    case srtp::SrtpError::kTooShort:
    case srtp::SrtpError::kMalformed:
      return Drop::kMalformed;
    case srtp::SrtpError::kReplayed:
    case srtp::SrtpError::kTooOld:
      return Drop::kReplayed;
    case srtp::SrtpError::kUnauthentic:
    case srtp::SrtpError::kTooManyStreams:
    case srtp::SrtpError::kKeyExhausted:
      return Drop::kUnauthentic;
  }
  return Drop::kUnauthentic;
}

WebRtcTransport::WebRtcTransport(DatagramOutput& output, const dtls::Certificate& certificate, ice::Credentials local,
                                 std::optional<dtls::Fingerprint> remote, srtp::Repeats repeats, Counters& counters,
                                 Timestamp now)
    : output_(output),
      counters_(counters),
      ice_(std::move(local), now),
      dtls_(certificate, dtls::Role::kServer, std::move(remote)),
      repeats_(repeats) {}

void WebRtcTransport::on_stun(const ice::StunMessage& message, const AddressPair& tuple, Timestamp now) {
  MutableByteView slot = output_.slot(tuple);
  size_t size = ice_.handle_stun(message, tuple, now, slot);
  if (size > 0) output_.commit(size);
  if (ice_.last_heard(tuple) != now) counters_.drop(Drop::kBadStun);  // answered at most by an error
  selected_ = ice_.selected();
}

void WebRtcTransport::on_dtls(ByteView datagram, const AddressPair& tuple, Timestamp now) {
  if (!ice_.admits(tuple)) {
    counters_.drop(Drop::kUnknownTuple);
    return;
  }
  dtls_tuple_ = tuple;
  if (dtls_.state() == dtls::State::kNew) dtls_.start(now);
  if (first_flight_ && !handshake_rtt_) handshake_rtt_ = now - *first_flight_;
  if (!dtls_.handle_datagram(datagram, now)) counters_.drop(Drop::kUnauthentic);
  send_dtls(now);
  update_dtls_state(now);
}

void WebRtcTransport::send_dtls(Timestamp now) {
  while (auto datagram = dtls_.take_datagram()) {
    auto tuple = selected_ ? selected_ : dtls_tuple_;
    if (!tuple || datagram->size() > DatagramOutput::kSlotSize) continue;
    MutableByteView slot = output_.slot(*tuple);
    std::memcpy(slot.data(), datagram->data(), datagram->size());
    output_.commit(datagram->size());
    if (!first_flight_) first_flight_ = now;
  }
}

void WebRtcTransport::update_dtls_state(Timestamp now) {
  if (state_ == State::kNew && dtls_.state() == dtls::State::kConnected) {
    if (auto keys = dtls_.take_srtp_keys()) {
      profile_ = keys->send.profile();
      sender_.emplace(keys->send, repeats_);
      receiver_.emplace(keys->receive);
      state_ = State::kConnected;
      connected_at_ = now;
    }
  }
  if (dtls_.state() == dtls::State::kFailed) state_ = State::kFailed;
  if (dtls_.state() == dtls::State::kClosed) state_ = State::kClosedByPeer;
}

std::optional<ByteView> WebRtcTransport::count(Result<size_t, srtp::SrtpError> result, MutableByteView datagram) {
  if (result) {
    peer_proved_ = true;
    return datagram.first(*result);
  }
  counters_.drop(drop_of(result.error()));
  return std::nullopt;
}

std::optional<ByteView> WebRtcTransport::unprotect_rtp(MutableByteView datagram, const AddressPair& tuple) {
  if (!receiver_ || !ice_.admits(tuple)) {
    counters_.drop(receiver_ ? Drop::kUnknownTuple : Drop::kNoKeys);
    return std::nullopt;
  }
  return count(receiver_->unprotect_rtp(datagram), datagram);
}

std::optional<ByteView> WebRtcTransport::unprotect_rtcp(MutableByteView datagram, const AddressPair& tuple) {
  if (!receiver_ || !ice_.admits(tuple)) {
    counters_.drop(receiver_ ? Drop::kUnknownTuple : Drop::kNoKeys);
    return std::nullopt;
  }
  return count(receiver_->unprotect_rtcp(datagram), datagram);
}

void WebRtcTransport::on_connection_closed(const AddressPair& tuple) {
  ice_.forget(tuple);
  selected_ = ice_.selected();
}

void WebRtcTransport::tick(Timestamp now) {
  if (now >= ice_.next_timeout()) {
    ice_.on_timeout(now);
    selected_ = ice_.selected();
  }
  if (auto due = dtls_.next_timeout(); due && now >= *due) {
    dtls_.on_timeout(now);
    send_dtls(now);
    update_dtls_state(now);
  }
  release_handshake(now);
}

// An authentic packet shows that the client has our last flight; only then is OpenSSL's state of no more use.
void WebRtcTransport::release_handshake(Timestamp now) {
  bool finished = state_ == State::kConnected && (peer_proved_ || now - connected_at_ >= kHandshakeKept);
  if (finished && dtls_.holds_ssl()) dtls_.release_ssl();
}

bool WebRtcTransport::connect_unkeyed(srtp::Profile profile, Protocol protocol, Duration round_trip) {
  const std::array<uint8_t, 64> zeros{};
  auto key = srtp::MasterKey::make(profile, ByteView(zeros).first(srtp::key_size(profile)),
                                   ByteView(zeros).first(srtp::salt_size(profile)));
  static const SocketAddress kNowhere = *SocketAddress::parse("127.0.0.1:9");
  if (!key) return false;
  profile_ = profile;
  sender_.emplace(*key, repeats_);
  selected_ = AddressPair{kNowhere, kNowhere, protocol};
  if (round_trip > Duration::zero()) handshake_rtt_ = round_trip;
  state_ = State::kConnected;
  return true;
}

void WebRtcTransport::close() {
  if (state_ == State::kConnected && receiver_) {
    dtls_.close();
    while (auto datagram = dtls_.take_datagram()) {
      if (!selected_ || datagram->size() > DatagramOutput::kSlotSize) continue;
      MutableByteView slot = output_.slot(*selected_);
      std::memcpy(slot.data(), datagram->data(), datagram->size());
      output_.commit(datagram->size());
    }
  }
  // The session is still shown for a while; OpenSSL's state is not needed for that.
  dtls_.release_ssl();
}

MutableByteView WebRtcTransport::rtp_slot() {
  slot_ = output_.slot(*selected_);
  return slot_;
}

size_t WebRtcTransport::send_rtp(size_t header_size, ByteView payload) {
  auto size =
      header_size == 0 ? unexpected(srtp::SrtpError::kTooShort) : sender_->protect_rtp(slot_, header_size, payload);
  if (!size) {
    counters_.drop(Drop::kUnsendable);
    return 0;
  }
  output_.commit(*size);
  ++counters_.packets_out;
  counters_.bytes_out += *size;
  return *size;
}

void WebRtcTransport::send_rtcp(ByteView compound) {
  if (!writable()) return;
  MutableByteView slot = output_.slot(*selected_);
  if (compound.size() + srtp::kMaxRtcpOverhead > slot.size()) return;
  std::memcpy(slot.data(), compound.data(), compound.size());
  auto size = sender_->protect_rtcp(slot, compound.size());
  if (!size) return;
  output_.commit(*size);
  ++counters_.rtcp_out;
}

}  // namespace footlight::relay
