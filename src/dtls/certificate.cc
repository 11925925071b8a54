#include "dtls/certificate.h"

#include <openssl/err.h>
#include <openssl/rand.h>

#include "base/random.h"
#include "dtls/openssl_context.h"
#include "dtls/openssl_handles.h"

namespace footlight::dtls {
namespace {

constexpr long kDay = 24L * 60 * 60;
// Browsers make theirs for 30 days; ours lives as long as the process may, and its clock may run ahead of a peer's.
constexpr long kValidBefore = kDay;
constexpr long kValidAfter = 365 * kDay;

OpensslPtr<X509> self_signed(EVP_PKEY* key) {
  OpensslPtr<X509> x(X509_new());
  if (!x) return nullptr;
  X509_NAME* name = X509_get_subject_name(x.get());
  // The name says nothing: the fingerprint in the SDP is what identifies us (RFC 8827 §6.5).
  bool made = X509_set_version(x.get(), X509_VERSION_3) == 1 &&
              ASN1_INTEGER_set_uint64(X509_get_serialNumber(x.get()), random_u64() >> 1) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(x.get()), -kValidBefore) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(x.get()), kValidAfter) != nullptr &&
              X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("footlight"),
                                         -1, -1, 0) == 1 &&
              X509_set_issuer_name(x.get(), name) == 1 && X509_set_pubkey(x.get(), key) == 1 &&
              X509_sign(x.get(), key, EVP_sha256()) > 0;
  return made ? std::move(x) : nullptr;
}

}  // namespace

std::optional<Fingerprint> fingerprint_of(const X509* certificate, const std::string& algorithm) {
  const EVP_MD* digest = algorithm == "sha-256"   ? EVP_sha256()
                         : algorithm == "sha-384" ? EVP_sha384()
                         : algorithm == "sha-512" ? EVP_sha512()
                                                  : nullptr;
  unsigned size = 0;
  std::vector<uint8_t> bytes(EVP_MAX_MD_SIZE);
  if (digest == nullptr || X509_digest(certificate, digest, bytes.data(), &size) != 1) return std::nullopt;
  bytes.resize(size);
  return Fingerprint{.algorithm = algorithm, .digest = std::move(bytes)};
}

Result<Certificate, Error> Certificate::generate() {
  auto impl = std::make_unique<Impl>();
  impl->key.reset(EVP_EC_gen("P-256"));
  if (impl->key) impl->certificate = self_signed(impl->key.get());
  if (impl->certificate) impl->context = make_context(impl->certificate.get(), impl->key.get());
  std::optional<Fingerprint> fingerprint;
  if (impl->context) fingerprint = fingerprint_of(impl->certificate.get(), "sha-256");
  if (!fingerprint) {
    const char* reason = ERR_reason_error_string(ERR_get_error());
    return fail(std::string("the DTLS certificate cannot be made: ") + (reason != nullptr ? reason : "unknown reason"));
  }
  impl->fingerprint = std::move(*fingerprint);
  Certificate c;
  c.impl_ = std::move(impl);
  return c;
}

Certificate::~Certificate() = default;
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;

const Fingerprint& Certificate::fingerprint() const { return impl_->fingerprint; }

}  // namespace footlight::dtls
