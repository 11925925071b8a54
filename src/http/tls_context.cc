#include "http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <system_error>

#include "base/bytes.h"
#include "base/log.h"

namespace footlight::http {
namespace {

constexpr Logger kLog("http");

std::string openssl_reason() {
  unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof(kOurs) - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 §3.2: no_application_protocol
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

SslContext make_context(const SSL_METHOD* method) {
  SslContext context(SSL_CTX_new(method));
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A peer that closes the socket without close_notify ended its bytes; HTTP's own framing says whether too early.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

}  // namespace

void FreeSslContext::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

Result<SslContext, Error> make_server_context(const std::string& cert_file, const std::string& key_file) {
  SslContext context = make_context(TLS_server_method());
  if (!context) return fail("TLS cannot be set up: " + openssl_reason());
  SSL_CTX* raw = context.get();
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(raw, select_http_1_1, nullptr);
  if (SSL_CTX_use_certificate_chain_file(raw, cert_file.c_str()) != 1)
    return fail("the certificate file " + cert_file + " cannot be used: " + openssl_reason());
  if (SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail("the key file " + key_file + " cannot be used: " + openssl_reason());
  if (SSL_CTX_check_private_key(raw) != 1)
    return fail("the key file " + key_file + " does not belong to the certificate " + cert_file);
  return context;
}

Result<SslContext, Error> make_client_context(const std::string& extra_ca_file) {
  SslContext context = make_context(TLS_client_method());
  if (!context) return fail("TLS cannot be set up: " + openssl_reason());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(context.get());
  if (!extra_ca_file.empty() && SSL_CTX_load_verify_locations(context.get(), extra_ca_file.c_str(), nullptr) != 1)
    return fail("the certificate file " + extra_ca_file + " cannot be used: " + openssl_reason());
  return context;
}

ReloadingContext::Stamp ReloadingContext::stamp() const {
  std::error_code ignored;
  return {std::filesystem::last_write_time(cert_file_, ignored), std::filesystem::last_write_time(key_file_, ignored)};
}

Result<void, Error> ReloadingContext::open(std::string cert_file, std::string key_file) {
  cert_file_ = std::move(cert_file);
  key_file_ = std::move(key_file);
  seen_ = stamp();
  auto context = make_server_context(cert_file_, key_file_);
  if (!context) return unexpected(context.error());
  context_ = std::move(*context);
  return {};
}

void ReloadingContext::look() {
  Stamp now = stamp();
  if (now == seen_) return;
  auto context = make_server_context(cert_file_, key_file_);
  if (!context) {
    kLog.warn("certificate not reloaded, the old one stays", {{"reason", context.error().message}});
    return;
  }
  seen_ = now;
  context_ = std::move(*context);
  kLog.info("certificate reloaded", {{"file", cert_file_}});
}

}  // namespace footlight::http
