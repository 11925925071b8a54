#include "http/self_signed.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "base/random.h"

namespace footlight::http {
namespace {

template <class T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* p) const { kFree(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION, X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;

constexpr long kDay = 24 * 60 * 60;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string alternative_names(const std::vector<std::string>& dns_names, const std::vector<std::string>& ip_addresses) {
  std::string out;
  for (const std::string& name : dns_names) out += (out.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : ip_addresses) out += (out.empty() ? "IP:" : ",IP:") + address;
  return out;
}

}  // namespace

Result<PemPair, Error> make_self_signed(const std::vector<std::string>& dns_names,
                                        const std::vector<std::string>& ip_addresses, int days) {
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  if (!key || !certificate) return fail("A self-signed certificate could not be made.");
  X509* x = certificate.get();
  X509_set_version(x, 2);  // v3
  // Positive and unguessable (RFC 5280 §4.1.2.2).
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), random_u64() >> 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -kDay);  // clocks of visitors may be behind
  X509_gmtime_adj(X509_getm_notAfter(x), days * kDay);
  X509_set_pubkey(x, key.get());
  X509_NAME* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Footlight"), -1, -1, 0);
  X509_set_issuer_name(x, name);
  bool made = add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
              add_extension(x, NID_ext_key_usage, "serverAuth") &&
              add_extension(x, NID_subject_alt_name, alternative_names(dns_names, ip_addresses)) &&
              X509_sign(x, key.get(), EVP_sha256()) > 0;
  Memory cert_pem(BIO_new(BIO_s_mem())), key_pem(BIO_new(BIO_s_mem()));
  made = made && PEM_write_bio_X509(cert_pem.get(), x) == 1 &&
         PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!made) return fail("A self-signed certificate could not be made.");
  return PemPair{text_of(cert_pem.get()), text_of(key_pem.get())};
}

bool certificate_covers(const std::string& cert_pem, const std::vector<std::string>& ip_addresses, int days) {
  Memory bio(BIO_new_mem_buf(cert_pem.data(), static_cast<int>(cert_pem.size())));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) return false;
  int days_left = 0, seconds_left = 0;
  if (ASN1_TIME_diff(&days_left, &seconds_left, nullptr, X509_get0_notAfter(certificate.get())) != 1) return false;
  return days_left >= days && std::ranges::all_of(ip_addresses, [&](const std::string& address) {
           return X509_check_ip_asc(certificate.get(), address.c_str(), 0) == 1;
         });
}

}  // namespace footlight::http
