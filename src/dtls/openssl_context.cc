#include "dtls/openssl_context.h"

#include <openssl/srtp.h>

namespace footlight::dtls {
namespace {

// RFC 8827 §6.5 requires ECDHE-ECDSA-AES128-GCM-SHA256; the RSA ones are for clients that bring RSA certificates to
// our client role.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
// In order of preference: the server's decides (FACTS §1). GCM-128 costs the least.
constexpr const char* kSrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

}  // namespace

OpensslPtr<SSL_CTX> make_context(X509* certificate, EVP_PKEY* key) {
  OpensslPtr<SSL_CTX> context(SSL_CTX_new(DTLS_method()));
  if (!context) return nullptr;
  SSL_CTX* c = context.get();
  // No path MTU discovery through us, no resumption, no renegotiation: a session is one handshake.
  SSL_CTX_set_options(
      c, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(c, verify_peer_certificate, nullptr);
  bool set = SSL_CTX_set_min_proto_version(c, DTLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(c, kCiphers) == 1 &&
             SSL_CTX_set1_groups_list(c, kGroups) == 1 &&
             SSL_CTX_set_tlsext_use_srtp(c, kSrtpProfiles) == 0 &&  // 0 is success here
             SSL_CTX_use_certificate(c, certificate) == 1 && SSL_CTX_use_PrivateKey(c, key) == 1;
  return set ? std::move(context) : nullptr;
}

}  // namespace footlight::dtls
