#include "load/peer_link.h"

#include <fmt/core.h>

#include <algorithm>

namespace footlight::load {
namespace {

std::vector<AddressPair> pairs_of(const Answer& answer, const SocketAddress& local) {
  std::vector<AddressPair> pairs;
  for (const SocketAddress& remote : answer.candidates)
    if (remote.is_v6() == local.is_v6()) pairs.push_back({.local = local, .remote = remote});
  return pairs;
}

}  // namespace

PeerLink::PeerLink(const dtls::Certificate& certificate, ice::Credentials credentials, const Answer& answer,
                   const SocketAddress& local, Timestamp now)
    : local_(local),
      ice_(std::move(credentials), answer.ice, pairs_of(answer, local), now),
      dtls_(certificate, answer.server_is_dtls_client ? dtls::Role::kServer : dtls::Role::kClient, answer.fingerprint),
      starts_dtls_(!answer.server_is_dtls_client) {}

void PeerLink::on_stun(ByteView datagram, const SocketAddress& from, Timestamp now) {
  auto message = ice::parse_stun(datagram);
  if (message) ice_.handle_stun(*message, {.local = local_, .remote = from}, now);
  advance(now);
}

void PeerLink::on_dtls(ByteView datagram, Timestamp now) {
  if (!ice_.connected()) return;
  dtls_.handle_datagram(datagram, now);
  advance(now);
}

void PeerLink::advance(Timestamp now) {
  if (state_ == State::kClosed || state_ == State::kFailed) return;
  if (ice_.failed(now)) return end(State::kFailed, ice_.connected() ? "the server is silent" : "no candidate answered");
  if (state_ == State::kChecking && ice_.connected()) {
    state_ = State::kHandshaking;
    if (starts_dtls_) dtls_.start(now);
  }
  if (dtls_.state() == dtls::State::kFailed)
    return end(State::kFailed, fmt::format("DTLS failed: {}", dtls::name_of(dtls_.failure())));
  if (dtls_.state() == dtls::State::kClosed) return end(State::kClosed, "the server closed the session");
  if (state_ != State::kHandshaking || dtls_.state() != dtls::State::kConnected) return;
  if (auto keys = dtls_.take_srtp_keys()) {
    // A publisher answers NACKs where no RTX was agreed by the same bytes again.
    sender_.emplace(keys->send, srtp::Repeats::kIdenticalBytes);
    receiver_.emplace(keys->receive);
    state_ = State::kConnected;
  }
}

void PeerLink::end(State state, std::string failure) {
  state_ = state;
  failure_ = std::move(failure);
}

std::optional<PeerLink::Outgoing> PeerLink::take_packet(Timestamp now) {
  if (auto due = dtls_.next_timeout(); due && *due <= now) dtls_.on_timeout(now);
  advance(now);
  if (state_ != State::kClosed && state_ != State::kFailed)
    if (auto check = ice_.take_packet(now)) return Outgoing{check->pair.remote, check->bytes};
  auto to = remote();
  auto record = to ? dtls_.take_datagram() : std::nullopt;
  return record ? std::optional(Outgoing{*to, *record}) : std::nullopt;
}

Timestamp PeerLink::next_timeout() const {
  if (state_ == State::kClosed || state_ == State::kFailed) return Timestamp::max();
  return std::min(ice_.next_timeout(), dtls_.next_timeout().value_or(Timestamp::max()));
}

std::optional<SocketAddress> PeerLink::remote() const {
  auto pair = ice_.selected();
  return pair ? std::optional(pair->remote) : std::nullopt;
}

void PeerLink::close() {
  dtls_.close();
  end(State::kClosed, "closed here");
}

}  // namespace footlight::load
