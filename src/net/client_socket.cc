#include "net/client_socket.h"

#include <fmt/core.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/clock.h"
#include "net/arrival_time.h"
#include "net/listen.h"

namespace footlight::net {
namespace {

// A super-datagram of UDP GRO is at most one IP packet long.
constexpr size_t kMaxRun = 65'536;
// One frame is one or two runs; more than a few wait only after a stall, and the watcher comes again.
constexpr size_t kRuns = 8;
constexpr int kReceiveBuffer = 1 << 20;  // bytes: a second of 8 Mbit/s

// What a socket is bound to before it has a peer.
SocketAddress any_address(bool v6) { return v6 ? SocketAddress::v6({}, 0) : SocketAddress::v4({}, 0); }

// What the kernel says of one message: the size that each datagram of a run has (the last may be shorter; 0: it is one
// datagram), and when it arrived.
struct Notes {
  size_t segment = 0;
  std::optional<WallTime> dated;
};
Notes notes_of(msghdr& message) {
  Notes notes;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (auto dated = timestamp_of(*c)) notes.dated = dated;
    if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO) continue;
    int segment = 0;
    std::memcpy(&segment, CMSG_DATA(c), sizeof segment);
    notes.segment = static_cast<size_t>(std::max(segment, 0));
  }
  return notes;
}

}  // namespace

struct ReceiveBatch::Impl {
  struct alignas(cmsghdr) Control {
    uint8_t bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(timespec))];
  };
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kRuns * kMaxRun);
  std::array<mmsghdr, kRuns> messages{};
  std::array<iovec, kRuns> pieces{};
  std::array<sockaddr_storage, kRuns> sources{};
  std::array<Control, kRuns> controls{};
  std::vector<Datagram> datagrams;

  void prepare() {
    for (size_t i = 0; i < kRuns; ++i) {
      pieces[i] = {.iov_base = bytes.data() + i * kMaxRun, .iov_len = kMaxRun};
      msghdr& m = messages[i].msg_hdr;
      m = {};
      m.msg_name = &sources[i];
      m.msg_namelen = sizeof sources[i];
      m.msg_iov = &pieces[i];
      m.msg_iovlen = 1;
      m.msg_control = &controls[i];
      m.msg_controllen = sizeof controls[i];
    }
  }

  void take_apart(size_t i, const SocketAddress& local, Timestamp now, WallTime wall_now) {
    msghdr& m = messages[i].msg_hdr;
    auto remote = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&sources[i]), m.msg_namelen);
    if (!remote) return;
    auto rest = MutableByteView(bytes).subspan(i * kMaxRun, messages[i].msg_len);
    auto [segment, dated] = notes_of(m);
    Timestamp arrival = arrival_of(dated, now, wall_now);
    while (!rest.empty()) {
      size_t size = segment == 0 ? rest.size() : std::min(segment, rest.size());
      datagrams.push_back({.tuple = {local, *remote}, .bytes = rest.first(size), .arrival = arrival});
      rest = rest.subspan(size);
    }
  }
};

ReceiveBatch::ReceiveBatch() : impl_(std::make_unique<Impl>()) {}
ReceiveBatch::~ReceiveBatch() = default;

Result<ClientSocket, Error> ClientSocket::open(bool v6, bool runs) {
  auto fd = bind_udp(any_address(v6));
  if (!fd) return fail(fd.error().message);
  auto bound = local_address(fd->get());
  if (!bound) return unexpected(bound.error());
  int on = runs ? 1 : 0;
  // Before Linux 5.0 there is no UDP_GRO, and datagrams come one by one anyway.
  ::setsockopt(fd->get(), SOL_UDP, UDP_GRO, &on, sizeof on);
  int dated = 1;
  ::setsockopt(fd->get(), SOL_SOCKET, SO_TIMESTAMPNS, &dated, sizeof dated);
  ::setsockopt(fd->get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  return ClientSocket(std::move(*fd), *bound);
}

bool ClientSocket::connect(const SocketAddress& remote) {
  sockaddr_storage to{};
  auto size = static_cast<socklen_t>(remote.to_sockaddr(to));
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), size) != 0) return false;
  connected_ = remote;
  return true;
}

std::span<Datagram> ClientSocket::receive(ReceiveBatch& batch) {
  ReceiveBatch::Impl& b = batch.impl();
  b.datagrams.clear();
  b.prepare();
  int count = ::recvmmsg(fd_.get(), b.messages.data(), kRuns, MSG_DONTWAIT, nullptr);
  if (count <= 0) return b.datagrams;
  Timestamp now = SystemClock::get().now();
  WallTime wall_now = SystemClock::get().wall_now();
  for (int i = 0; i < count; ++i) b.take_apart(static_cast<size_t>(i), bound_, now, wall_now);
  return b.datagrams;
}

bool ClientSocket::send(const SocketAddress& remote, ByteView bytes) {
  sockaddr_storage to{};
  bool named = remote != connected_;
  auto size = named ? static_cast<socklen_t>(remote.to_sockaddr(to)) : 0;
  ssize_t sent = 0;
  do {
    sent = ::sendto(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                    named ? reinterpret_cast<const sockaddr*>(&to) : nullptr, size);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) ++send_failures_;
  return sent >= 0;
}

Result<SocketAddress, Error> address_towards(const SocketAddress& remote) {
  auto socket = ClientSocket::open(remote.is_v6());
  if (!socket) return unexpected(socket.error());
  if (!socket->connect(remote)) return fail(fmt::format("there is no route to {}", remote.to_string()));
  return local_address(socket->fd());
}

}  // namespace footlight::net
