#include "base/socket_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace footlight {

SocketAddress SocketAddress::v4(const std::array<uint8_t, 4>& ip, uint16_t port) {
  SocketAddress a;
  std::ranges::copy(ip, a.ip_.begin());
  a.port_ = port;
  a.family_ = Family::kV4;
  return a;
}

SocketAddress SocketAddress::v6(const std::array<uint8_t, 16>& ip, uint16_t port, uint32_t scope) {
  SocketAddress a;
  a.ip_ = ip;
  a.scope_ = scope;
  a.port_ = port;
  a.family_ = Family::kV6;
  return a;
}

std::optional<SocketAddress> SocketAddress::from_ip(std::string_view ip, uint16_t port) {
  char text[INET6_ADDRSTRLEN] = {};
  if (ip.size() >= sizeof text) return std::nullopt;
  std::ranges::copy(ip, text);
  std::array<uint8_t, 4> four{};
  if (inet_pton(AF_INET, text, four.data()) == 1) return v4(four, port);
  std::array<uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, text, sixteen.data()) == 1) return v6(sixteen, port);
  return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view ip = text.substr(0, colon);
  std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  bool bracketed = ip.size() >= 2 && ip.front() == '[' && ip.back() == ']';
  if (bracketed) ip = ip.substr(1, ip.size() - 2);
  auto address = from_ip(ip, port);
  if (address && address->is_v6() != bracketed) return std::nullopt;
  return address;
}

std::optional<SocketAddress> SocketAddress::from_sockaddr(const sockaddr* address, size_t size) {
  if (size >= sizeof(sockaddr_in) && address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    std::array<uint8_t, 4> ip{};
    std::memcpy(ip.data(), &in.sin_addr, ip.size());
    return v4(ip, ntohs(in.sin_port));
  }
  if (size >= sizeof(sockaddr_in6) && address->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    std::array<uint8_t, 16> ip{};
    std::memcpy(ip.data(), &in.sin6_addr, ip.size());
    return v6(ip, ntohs(in.sin6_port), in.sin6_scope_id);
  }
  return std::nullopt;
}

size_t SocketAddress::to_sockaddr(sockaddr_storage& out) const {
  if (is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port_);
    std::memcpy(&in.sin_addr, ip_.data(), sizeof in.sin_addr);
    std::memcpy(&out, &in, sizeof in);
    return sizeof in;
  }
  if (is_v6()) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port_);
    in.sin6_scope_id = scope_;
    std::memcpy(&in.sin6_addr, ip_.data(), sizeof in.sin6_addr);
    std::memcpy(&out, &in, sizeof in);
    return sizeof in;
  }
  return 0;
}

std::string SocketAddress::ip_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (!is_valid()) return {};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, ip_.data(), text, sizeof text);
  return text;
}

std::string SocketAddress::to_string() const {
  if (!is_valid()) return {};
  return is_v4() ? fmt::format("{}:{}", ip_string(), port_) : fmt::format("[{}]:{}", ip_string(), port_);
}

bool SocketAddress::is_any() const {
  return is_valid() && std::ranges::all_of(ip_, [](uint8_t b) { return b == 0; });
}

bool SocketAddress::is_loopback() const {
  if (is_v4()) return ip_[0] == 127;
  return is_v6() && ip_[15] == 1 && std::all_of(ip_.begin(), ip_.end() - 1, [](uint8_t b) { return b == 0; });
}

bool SocketAddress::is_link_local() const {
  if (is_v4()) return ip_[0] == 169 && ip_[1] == 254;           // RFC 3927 §2.1
  return is_v6() && ip_[0] == 0xfe && (ip_[1] & 0xc0) == 0x80;  // RFC 4291 §2.5.6
}

SocketAddress SocketAddress::with_port(uint16_t port) const {
  SocketAddress a = *this;
  a.port_ = port;
  return a;
}

size_t SocketAddress::hash() const noexcept {
  uint64_t high = 0;
  uint64_t low = 0;
  std::memcpy(&high, ip_.data(), sizeof high);
  std::memcpy(&low, ip_.data() + sizeof high, sizeof low);
  uint64_t rest = uint64_t{scope_} << 32 | uint64_t{port_} << 8 | static_cast<uint8_t>(family_);
  // Multiply and fold (the finaliser of splitmix64): peers differ in few bits, tables use the low ones.
  uint64_t h = (high ^ (low * 0x9e3779b97f4a7c15ULL)) + rest;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<size_t>(h ^ (h >> 31));
}

}  // namespace footlight
