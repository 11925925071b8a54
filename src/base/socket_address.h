#pragma once
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace footlight {

// An IPv4 or IPv6 address with a port: a value, equal and hashable by its bytes. The default one is nobody's
// (family none); is_valid() tells. IPv6 zone ids are kept for the kernel but are not part of the text.
class SocketAddress {
 public:
  constexpr SocketAddress() = default;
  static SocketAddress v4(const std::array<uint8_t, 4>& ip, uint16_t port);
  static SocketAddress v6(const std::array<uint8_t, 16>& ip, uint16_t port, uint32_t scope = 0);
  // "192.0.2.1:7000", "[2001:db8::1]:7000". nullopt on anything else; names are never resolved.
  [[nodiscard]] static std::optional<SocketAddress> parse(std::string_view text);
  // A bare address, "192.0.2.1" or "2001:db8::1".
  [[nodiscard]] static std::optional<SocketAddress> from_ip(std::string_view ip, uint16_t port);
  [[nodiscard]] static std::optional<SocketAddress> from_sockaddr(const sockaddr* address, size_t size);

  // Fills `out` for the kernel and returns the length of what was filled; 0 for an invalid address.
  size_t to_sockaddr(sockaddr_storage& out) const;
  [[nodiscard]] std::string to_string() const;  // as parse() reads
  [[nodiscard]] std::string ip_string() const;

  [[nodiscard]] bool is_valid() const { return family_ != Family::kNone; }
  [[nodiscard]] bool is_v4() const { return family_ == Family::kV4; }
  [[nodiscard]] bool is_v6() const { return family_ == Family::kV6; }
  [[nodiscard]] bool is_any() const;  // 0.0.0.0 or ::
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_link_local() const;
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] uint32_t scope() const { return scope_; }
  [[nodiscard]] const std::array<uint8_t, 16>& ip_bytes() const { return ip_; }  // IPv4 in the first four, rest zero
  [[nodiscard]] SocketAddress with_port(uint16_t port) const;

  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
  [[nodiscard]] size_t hash() const noexcept;

 private:
  enum class Family : uint8_t { kNone, kV4, kV6 };
  std::array<uint8_t, 16> ip_{};
  uint32_t scope_ = 0;
  uint16_t port_ = 0;
  Family family_ = Family::kNone;
};

enum class Protocol : uint8_t { kUdp, kTcp };

// The 5-tuple of a flow as this side sees it. A peer is known by all of it: the same remote may reach two of our
// addresses (mediasoup #1586), and one by UDP and TCP both.
struct AddressPair {
  SocketAddress local;
  SocketAddress remote;
  Protocol protocol = Protocol::kUdp;
  friend bool operator==(const AddressPair&, const AddressPair&) = default;
};

}  // namespace footlight

template <>
struct std::hash<footlight::SocketAddress> {
  size_t operator()(const footlight::SocketAddress& a) const noexcept { return a.hash(); }
};
template <>
struct std::hash<footlight::AddressPair> {
  size_t operator()(const footlight::AddressPair& p) const noexcept {
    return p.local.hash() * 0x9e3779b97f4a7c15ULL + p.remote.hash() + static_cast<size_t>(p.protocol);
  }
};
