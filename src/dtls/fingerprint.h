#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace footlight::dtls {

// A certificate's fingerprint as SDP carries it (RFC 8122 §5): "sha-256 AB:CD:…". SHA-1 and MD5 are not accepted.
struct Fingerprint {
  std::string algorithm;  // "sha-256", "sha-384" or "sha-512"
  std::vector<uint8_t> digest;

  // The value of a=fingerprint. nullopt on an unknown algorithm or a digest of another length than its own.
  [[nodiscard]] static std::optional<Fingerprint> parse(std::string_view text);
  [[nodiscard]] static std::optional<Fingerprint> parse(std::string_view algorithm, std::string_view hex);
  [[nodiscard]] std::string to_string() const;  // "sha-256 AB:CD:…"
  [[nodiscard]] std::string hex() const;        // "AB:CD:…"
};

}  // namespace footlight::dtls
