#pragma once
#include "dtls/openssl_handles.h"

namespace footlight::dtls {

// The settings that every association shares; null when OpenSSL refuses one. For dtls/*.cc only.
[[nodiscard]] OpensslPtr<SSL_CTX> make_context(X509* certificate, EVP_PKEY* key);

// Asked by OpenSSL for the peer's certificate: the machine compares it with its SDP (see dtls_machine.cc).
int verify_peer_certificate(X509_STORE_CTX* store, void* unused);

}  // namespace footlight::dtls
