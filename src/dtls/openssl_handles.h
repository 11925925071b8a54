#pragma once
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>

#include "dtls/certificate.h"

// Owning handles of OpenSSL's objects. For dtls/*.cc only.
namespace footlight::dtls {

struct FreeOpenssl {
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(BIO_METHOD* p) const { BIO_meth_free(p); }
};
template <class T>
using OpensslPtr = std::unique_ptr<T, FreeOpenssl>;

// nullopt for an algorithm that Fingerprint does not know.
[[nodiscard]] std::optional<Fingerprint> fingerprint_of(const X509* certificate, const std::string& algorithm);

struct Certificate::Impl {
  OpensslPtr<EVP_PKEY> key;
  OpensslPtr<X509> certificate;
  OpensslPtr<SSL_CTX> context;  // both roles; every DtlsMachine's SSL is made from it
  Fingerprint fingerprint;
};

}  // namespace footlight::dtls
