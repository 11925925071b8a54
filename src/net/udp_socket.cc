#include "net/udp_socket.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "net/arrival_time.h"
#include "net/listen.h"
#include "net/udp_socket_impl.h"

namespace footlight::net {
UdpSocket::Impl::Impl(UniqueFd socket, SocketAddress address)
    : fd(std::move(socket)),
      bound(address),
      wildcard(address.is_any()),
      gso(false),
      bytes(kReceiveBatch * kMaxDatagram) {
  datagrams.reserve(kReceiveBatch);
  for (size_t i = 0; i < kReceiveBatch; ++i) {
    pieces[i] = {.iov_base = bytes.data() + i * kMaxDatagram, .iov_len = kMaxDatagram};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &sources[i];
  }
}

UdpSocket::Impl::Origin UdpSocket::Impl::origin_of(msghdr& message) const {
  Origin origin{.local = bound, .arrival = std::nullopt};
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (auto dated = timestamp_of(*c)) {
      origin.arrival = dated;
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      std::array<uint8_t, 4> ip{};
      std::memcpy(ip.data(), &info.ipi_addr, ip.size());
      origin.local = SocketAddress::v4(ip, bound.port());
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      std::array<uint8_t, 16> ip{};
      std::memcpy(ip.data(), &info.ipi6_addr, ip.size());
      auto address = SocketAddress::v6(ip, bound.port());
      origin.local = address.is_link_local() ? SocketAddress::v6(ip, bound.port(), info.ipi6_ifindex) : address;
    }
  }
  return origin;
}

Result<UdpSocket, Error> UdpSocket::adopt(UniqueFd fd, const UdpOptions& options) {
  int type = 0;
  socklen_t type_size = sizeof type;
  auto bound = net::local_address(fd.get());
  if (!bound) return unexpected(bound.error());
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &type, &type_size) != 0 || type != SOCK_DGRAM)
    return fail(fmt::format("descriptor {} at {} is not a UDP socket", fd.get(), bound->to_string()));
  int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return fail(fmt::format("UDP socket {} cannot be used: {}", bound->to_string(), std::strerror(errno)));
  // The kernel cuts both to its own bounds, and a smaller buffer only drops sooner.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof(int));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &options.send_buffer, sizeof(int));
  UdpSocket socket;
  socket.impl_ = std::make_unique<Impl>(std::move(fd), *bound);
  Impl& impl = *socket.impl_;
  int on = 1;
  if (impl.wildcard &&
      (bound->is_v4() ? ::setsockopt(impl.fd.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on)
                      : ::setsockopt(impl.fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)) != 0)
    return fail(
        fmt::format("UDP socket {} does not tell local addresses: {}", bound->to_string(), std::strerror(errno)));
  ::setsockopt(impl.fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);  // without it, arrival is the read
  int no_default_segments = 0;
  impl.gso = ::setsockopt(impl.fd.get(), SOL_UDP, UDP_SEGMENT, &no_default_segments, sizeof(int)) == 0;
  return socket;
}

UdpSocket::~UdpSocket() = default;
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;

int UdpSocket::fd() const { return impl_->fd.get(); }
const SocketAddress& UdpSocket::bound_address() const { return impl_->bound; }
const UdpCounters& UdpSocket::counters() const { return impl_->counters; }

std::span<Datagram> UdpSocket::receive() {
  Impl& s = *impl_;
  s.datagrams.clear();
  for (size_t i = 0; i < kReceiveBatch; ++i) {
    msghdr& m = s.messages[i].msg_hdr;
    m.msg_namelen = sizeof s.sources[i];
    m.msg_control = &s.controls[i];
    m.msg_controllen = sizeof s.controls[i];
    m.msg_flags = 0;
  }
  int count = ::recvmmsg(s.fd.get(), s.messages.data(), kReceiveBatch, MSG_DONTWAIT, nullptr);
  if (count <= 0) return s.datagrams;
  Timestamp now = SystemClock::get().now();
  WallTime wall_now = SystemClock::get().wall_now();
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    msghdr& m = s.messages[i].msg_hdr;
    auto remote = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&s.sources[i]), m.msg_namelen);
    if (!remote || (m.msg_flags & MSG_TRUNC) != 0) {
      ++s.counters.truncated;
      continue;
    }
    Impl::Origin origin = s.origin_of(m);
    size_t size = s.messages[i].msg_len;
    ++s.counters.datagrams_in;
    s.counters.bytes_in += size;
    s.datagrams.push_back({.tuple = {origin.local, *remote},
                           .bytes = MutableByteView(s.bytes).subspan(i * kMaxDatagram, size),
                           .arrival = arrival_of(origin.arrival, now, wall_now)});
  }
  return s.datagrams;
}

bool UdpSocket::send(const AddressPair& tuple, ByteView bytes) {
  Impl& s = *impl_;
  sockaddr_storage to{};
  iovec piece{.iov_base = const_cast<uint8_t*>(bytes.data()), .iov_len = bytes.size()};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = static_cast<socklen_t>(tuple.remote.to_sockaddr(to));
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  MessageControl control;
  if (s.needs_source(tuple.local)) control.send_from(tuple.local);
  control.attach_to(message);
  ssize_t sent = 0;
  do {
    ++s.counters.send_calls;
    sent = ::sendmsg(s.fd.get(), &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) {
    ++s.counters.datagrams_out;
    s.counters.bytes_out += bytes.size();
    return true;
  }
  ++(errno == EAGAIN || errno == ENOBUFS ? s.counters.send_dropped : s.counters.send_failed);
  return false;
}

}  // namespace footlight::net
