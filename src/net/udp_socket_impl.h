#pragma once
#include <array>
#include <ctime>
#include <optional>
#include <vector>

#include "net/message_control.h"
#include "net/udp_socket.h"

namespace footlight::net {

// What UdpSocket and SendQueue share. For net/*.cc only.
struct UdpSocket::Impl {
  Impl(UniqueFd socket, SocketAddress address);

  // The address to name as the source, if the kernel would not take it by itself.
  [[nodiscard]] bool needs_source(const SocketAddress& local) const {
    return wildcard && local.is_valid() && !local.is_any();
  }
  // Reads a message's control data: where it was sent to, and when it arrived, on the wall clock.
  struct Origin {
    SocketAddress local;
    std::optional<WallTime> arrival;
  };
  [[nodiscard]] Origin origin_of(msghdr& message) const;

  UniqueFd fd;
  SocketAddress bound;
  bool wildcard;  // bound to 0.0.0.0 or ::
  bool gso;       // the kernel takes UDP_SEGMENT
  UdpCounters counters;

  // One receive batch.
  std::vector<uint8_t> bytes;
  std::vector<Datagram> datagrams;
  std::array<mmsghdr, kReceiveBatch> messages{};
  std::array<iovec, kReceiveBatch> pieces{};
  std::array<sockaddr_storage, kReceiveBatch> sources{};
  struct alignas(cmsghdr) Control {
    uint8_t bytes[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(timespec))];
  };
  std::array<Control, kReceiveBatch> controls{};
};

}  // namespace footlight::net
