#pragma once
#include <openssl/ssl.h>

#include <optional>

#include "dtls/alert_records.h"
#include "dtls/datagram_bio.h"
#include "dtls/dtls_machine.h"

namespace footlight::dtls {

// The record keys of a connected association (RFC 5246 §6.3), taken out of OpenSSL before it is freed. nullopt for a
// cipher suite that is not ours. For dtls/*.cc only.
[[nodiscard]] std::optional<AlertRecords> export_alert_records(const SSL* ssl, Role role,
                                                               const DatagramPort::LastRecord& sent);

}  // namespace footlight::dtls
