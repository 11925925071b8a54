#include "dtls/fingerprint.h"

#include <algorithm>
#include <array>

namespace footlight::dtls {
namespace {

struct Algorithm {
  std::string_view name;
  size_t bytes;
};
// RFC 8122 §5 forbids MD5 and MD2; SHA-1 binds nobody any more.
constexpr std::array kAlgorithms = {Algorithm{"sha-256", 32}, Algorithm{"sha-384", 48}, Algorithm{"sha-512", 64}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

std::optional<uint8_t> nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<Fingerprint> Fingerprint::parse(std::string_view text) {
  size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  return parse(text.substr(0, space), text.substr(space + 1));
}

std::optional<Fingerprint> Fingerprint::parse(std::string_view algorithm, std::string_view hex) {
  Fingerprint f{.algorithm = lower(algorithm), .digest = {}};
  auto known = std::ranges::find(kAlgorithms, std::string_view(f.algorithm), &Algorithm::name);
  if (known == kAlgorithms.end() || hex.size() != known->bytes * 3 - 1) return std::nullopt;
  for (size_t i = 0; i < hex.size(); i += 3) {
    auto high = nibble(hex[i]);
    auto low = nibble(hex[i + 1]);
    if (!high || !low || (i + 2 < hex.size() && hex[i + 2] != ':')) return std::nullopt;
    f.digest.push_back(static_cast<uint8_t>(*high << 4 | *low));
  }
  return f;
}

std::string Fingerprint::hex() const {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (uint8_t byte : digest) {
    if (!out.empty()) out.push_back(':');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string Fingerprint::to_string() const { return algorithm + " " + hex(); }

}  // namespace footlight::dtls
