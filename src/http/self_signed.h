#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace footlight::http {

struct PemPair {
  std::string cert, key;
};

// A self-signed ECDSA P-256 certificate for these DNS names and IP addresses (RFC 5280 §4.2.1.6), valid for `days`.
[[nodiscard]] Result<PemPair, Error> make_self_signed(const std::vector<std::string>& dns_names,
                                                      const std::vector<std::string>& ip_addresses, int days);
// Whether a certificate still lives for `days` and names all of these addresses.
[[nodiscard]] bool certificate_covers(const std::string& cert_pem, const std::vector<std::string>& ip_addresses,
                                      int days);

}  // namespace footlight::http
