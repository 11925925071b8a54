#include "sdp/relayed_candidates.h"

#include <array>
#include <charconv>
#include <optional>

namespace footlight::sdp {
namespace {

constexpr std::string_view kCandidate = "a=candidate:";

// foundation component transport priority address port "typ" type
std::optional<SocketAddress> relayed_address(std::string_view value) {
  std::array<std::string_view, 8> fields;
  for (std::string_view& field : fields) {
    const size_t end = value.find(' ');
    field = value.substr(0, end);
    value = end == std::string_view::npos ? std::string_view() : value.substr(end + 1);
  }
  if (fields[6] != "typ" || fields[7] != "relay") return std::nullopt;
  uint16_t port = 0;
  const std::string_view digits = fields[5];
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || stop != digits.data() + digits.size() || port == 0) return std::nullopt;
  return SocketAddress::from_ip(fields[4], port);
}

}  // namespace

std::vector<SocketAddress> relayed_candidates(std::string_view text) {
  std::vector<SocketAddress> found;
  while (!text.empty() && found.size() < kMaxRelayedCandidates) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with(kCandidate)) continue;
    if (auto address = relayed_address(line.substr(kCandidate.size()))) found.push_back(*address);
  }
  return found;
}

}  // namespace footlight::sdp
