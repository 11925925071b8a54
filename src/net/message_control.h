#pragma once
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "base/socket_address.h"

namespace footlight::net {

// Room for the control data of one message: a local address of either family and a GSO segment size.
inline constexpr size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t));

// Control data (cmsg(3)) of one outgoing message, as the kernel reads it: from which address, cut into which segments.
class MessageControl {
 public:
  void clear() { size_ = 0; }
  void send_from(const SocketAddress& local);  // IP_PKTINFO or IPV6_PKTINFO
  void cut_into(uint16_t segment_size);        // UDP_SEGMENT
  void attach_to(msghdr& message) {
    message.msg_control = size_ == 0 ? nullptr : bytes_.data();
    message.msg_controllen = size_;
  }

 private:
  template <class T>
  void add(int level, int type, const T& value);

  alignas(cmsghdr) std::array<uint8_t, kControlSize> bytes_{};
  size_t size_ = 0;
};

template <class T>
void MessageControl::add(int level, int type, const T& value) {
  auto* header = reinterpret_cast<cmsghdr*>(bytes_.data() + size_);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(header), &value, sizeof value);
  size_ += CMSG_SPACE(sizeof value);
}

inline void MessageControl::send_from(const SocketAddress& local) {
  if (local.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, local.ip_bytes().data(), sizeof info.ipi_spec_dst);
    add(IPPROTO_IP, IP_PKTINFO, info);
  } else if (local.is_v6()) {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, local.ip_bytes().data(), sizeof info.ipi6_addr);
    info.ipi6_ifindex = local.scope();
    add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

inline void MessageControl::cut_into(uint16_t segment_size) { add(SOL_UDP, UDP_SEGMENT, segment_size); }

}  // namespace footlight::net
