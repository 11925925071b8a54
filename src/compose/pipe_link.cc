#include "compose/pipe_link.h"

#include <cstring>

#include "base/log.h"
#include "base/text_codec.h"
#include "net/listen.h"
#include "rtp/demux.h"
#include "rtp/rtcp/layer_wish.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"

namespace footlight::compose {
namespace {

const Logger kLog("compose");

// ARCHITECTURE.md "Pipe".
constexpr Duration kAliveSearching = Duration::millis(100);
constexpr Duration kAliveFlowing = Duration::millis(500);
// Fine enough for the 5 ms of patience before a first NACK.
constexpr Duration kTimerStep = Duration::millis(5);
constexpr size_t kKeyBytes = 28;  // AES-128 key and salt
// A presenter who reconnects for hours brings new SSRCs each time: the oldest are forgotten.
constexpr size_t kMaxStreams = 1024;
constexpr size_t kMaxRtcp = 1400;

}  // namespace

PipeLink::PipeLink(net::Reactor& reactor, Feeds& feeds, std::function<void()> on_key_request)
    : reactor_(reactor),
      feeds_(feeds),
      on_key_request_(std::move(on_key_request)),
      timer_(reactor, [this](Timestamp now) { on_timer(now); }) {}

PipeLink::~PipeLink() = default;

void PipeLink::close() {
  watch_ = {};
  socket_.reset();
  sender_.reset();
  receiver_.reset();
  timer_.cancel();
  kept_alive_.reset();
  media_flows_ = false;
}

void PipeLink::apply(const state::PipeKey& key, const std::string& address) {
  if (key.id == key_.id && key.key == key_.key && address == address_) return;
  close();
  key_ = key;
  address_ = address;
  if (address.empty() || key.key.empty()) return;
  if (auto ok = connect(key, address); !ok) {
    kLog.error("the pipe to the relay does not open", {{"address", address}, {"reason", ok.error().message}});
    close();
  }
}

Result<void, Error> PipeLink::connect(const state::PipeKey& key, const std::string& address) {
  const auto remote = SocketAddress::parse(address);
  if (!remote) return fail("the relay's pipe address is no ip:port");
  const auto bytes = from_base64(key.key);
  if (!bytes || bytes->size() != 2 * kKeyBytes) return fail("the pipe's key is not 56 bytes of base64");
  const auto to_relay = srtp::MasterKey::from_joined(srtp::Profile::kAeadAes128Gcm, ByteView(*bytes).first(kKeyBytes));
  const auto to_us = srtp::MasterKey::from_joined(srtp::Profile::kAeadAes128Gcm, ByteView(*bytes).subspan(kKeyBytes));
  if (!to_relay || !to_us) return fail("the pipe's key does not fit AES-128-GCM");

  const auto any = SocketAddress::from_ip(remote->is_v4() ? "127.0.0.1" : "::1", 0);
  const auto local = remote->is_loopback() ? *any : *SocketAddress::from_ip(remote->is_v4() ? "0.0.0.0" : "::", 0);
  auto fd = net::bind_udp(local);
  if (!fd) return fail(fd.error().message);
  auto socket = net::UdpSocket::adopt(std::move(*fd));
  if (!socket) return unexpected(socket.error());
  socket_.emplace(std::move(*socket));
  path_ = {socket_->bound_address(), *remote};
  // A repeat answers a NACK with the same bytes: RtpOutput keeps whole packets.
  sender_.emplace(*to_relay, srtp::Repeats::kIdenticalBytes);
  receiver_.emplace(*to_us, kMaxStreams, srtp::WhenFull::kForgetOldest);
  watch_ = reactor_.watch(socket_->fd(), net::Interest::kRead, [this](net::Ready, Timestamp now) { on_readable(now); });
  on_timer(reactor_.now());
  // The relay's memory of the programme went with the old keys.
  output_.forget_reports();
  on_key_request_();
  kLog.info("pipe opened", {{"pipe", key.id}, {"relay", address}});
  return {};
}

void PipeLink::on_readable(Timestamp now) {
  for (net::Datagram& datagram : socket_->receive()) {
    if (datagram.tuple.remote != path_.remote) {
      ++figures_.refused;
      continue;
    }
    if (rtp::kind_of_datagram(datagram.bytes) == rtp::DatagramKind::kRtcp) {
      const auto size = receiver_->unprotect_rtcp(datagram.bytes);
      size ? on_rtcp(datagram.bytes.first(*size), now) : static_cast<void>(++figures_.refused);
      continue;
    }
    const auto size = receiver_->unprotect_rtp(datagram.bytes);
    const auto packet =
        size ? rtp::PacketView::parse(datagram.bytes.first(*size)) : unexpected(rtp::PacketError::kTooShort);
    if (!packet) {
      ++figures_.refused;
      continue;
    }
    ++figures_.rtp_in;
    media_flows_ = true;
    feeds_.on_rtp(*packet, now);
  }
}

void PipeLink::on_rtcp(ByteView bytes, Timestamp now) {
  ++figures_.rtcp_in;
  auto compound = rtp::rtcp::CompoundReader::parse(bytes);
  if (!compound) return;
  rtp::rtcp::Block block;
  while (compound->next(block)) {
    if (auto report = rtp::rtcp::SenderReport::parse(block)) feeds_.on_sender_report(*report, now);
    if (auto nack = rtp::rtcp::Nack::parse(block)) {
      ++figures_.nacks_in;
      nack->for_each([&](rtp::SeqNum seq) { output_.on_nack(nack->media(), seq); });
    }
    if (auto pli = rtp::rtcp::Pli::parse(block); pli && output_.is_video(pli->media)) {
      ++figures_.key_requests_in;
      on_key_request_();
    }
  }
}

void PipeLink::on_timer(Timestamp now) {
  wishes_.clear();
  feeds_.on_timer(now, wishes_);
  if (!wishes_.empty()) send_feedback(wishes_);
  keep_alive(now);
  figures_.rtp_out = output_.packets();
  figures_.repeats_out = output_.repeats();
  timer_.set(now + kTimerStep);
}

void PipeLink::keep_alive(Timestamp now) {
  const Duration interval = media_flows_ ? kAliveFlowing : kAliveSearching;
  if (kept_alive_ && now - *kept_alive_ < interval) return;
  kept_alive_ = now;
  std::array<uint8_t, 64> buffer;
  ByteWriter writer(buffer);
  rtp::rtcp::ReceiverReport{.sender = rtp::Ssrc(key_.compose_ssrc)}.write(writer);
  if (writer.ok()) send_rtcp(writer.written());
}

void PipeLink::send_feedback(const std::vector<FeedbackWish>& wishes) {
  std::array<uint8_t, kMaxRtcp> buffer;
  const rtp::Ssrc us(key_.compose_ssrc);
  for (const FeedbackWish& wish : wishes) {
    ByteWriter writer(buffer);
    rtp::rtcp::ReceiverReport{.sender = us}.write(writer);  // a compound begins with a report (RFC 3550 §6.1)
    if (!wish.lost.empty()) rtp::rtcp::write_nack(writer, us, wish.media, wish.lost);
    if (wish.layer) rtp::rtcp::LayerWish{us, wish.media, wish.layer->width, wish.layer->height}.write(writer);
    if (wish.key_frame) rtp::rtcp::Pli{us, wish.media}.write(writer);
    if (writer.ok()) send_rtcp(writer.written());
  }
}

void PipeLink::send_rtp(ByteView packet) {
  if (!sender_) return;
  std::array<uint8_t, 1500 + srtp::kMaxRtpOverhead> buffer;
  if (packet.size() > buffer.size() - srtp::kMaxRtpOverhead) return;
  std::memcpy(buffer.data(), packet.data(), packet.size());
  if (const auto size = sender_->protect_rtp(buffer, packet.size()))
    socket_->send(path_, ByteView(buffer).first(*size));
}

void PipeLink::send_rtcp(ByteView packet) {
  if (!sender_) return;
  std::array<uint8_t, kMaxRtcp + srtp::kMaxRtcpOverhead> buffer;
  if (packet.size() > kMaxRtcp) return;
  std::memcpy(buffer.data(), packet.data(), packet.size());
  if (const auto size = sender_->protect_rtcp(buffer, packet.size()))
    socket_->send(path_, ByteView(buffer).first(*size));
}

}  // namespace footlight::compose
