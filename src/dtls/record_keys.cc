#include "dtls/record_keys.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <string>

#include "base/check.h"
#include "dtls/openssl_handles.h"

namespace footlight::dtls {
namespace {

constexpr size_t kMasterSecretSize = 48;  // RFC 5246 §8.1
constexpr size_t kRandomSize = 32;        // RFC 5246 §7.4.1.2
constexpr std::string_view kLabel = "key expansion";

std::optional<RecordCipher> cipher_of(const SSL_CIPHER* suite) {
  switch (SSL_CIPHER_get_cipher_nid(suite)) {
    case NID_aes_128_gcm:
      return RecordCipher::kAes128Gcm;
    case NID_aes_256_gcm:
      return RecordCipher::kAes256Gcm;
    case NID_chacha20_poly1305:
      return RecordCipher::kChaCha20Poly1305;
    default:
      return std::nullopt;
  }
}

// RFC 5246 §5: PRF(secret, label, seed) with the hash of the cipher suite.
void prf(const EVP_MD* hash, MutableByteView secret, MutableByteView seed, MutableByteView out) {
  struct FreeKdf {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
  };
  std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  std::string name = EVP_MD_get0_name(hash);
  std::array<OSSL_PARAM, 4> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()), OSSL_PARAM_construct_end()};
  CHECK(context && EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1);
}

}  // namespace

std::optional<AlertRecords> export_alert_records(const SSL* ssl, Role role, const DatagramPort::LastRecord& sent) {
  const SSL_CIPHER* suite = SSL_get_current_cipher(ssl);
  auto cipher = suite != nullptr ? cipher_of(suite) : std::nullopt;
  if (!cipher) return std::nullopt;
  std::array<uint8_t, kMasterSecretSize> secret{};
  std::array<uint8_t, kLabel.size() + 2 * kRandomSize> seed{};
  std::ranges::copy(as_bytes(kLabel), seed.begin());
  bool read = SSL_SESSION_get_master_key(SSL_get_session(ssl), secret.data(), secret.size()) == secret.size() &&
              SSL_get_server_random(ssl, seed.data() + kLabel.size(), kRandomSize) == kRandomSize &&
              SSL_get_client_random(ssl, seed.data() + kLabel.size() + kRandomSize, kRandomSize) == kRandomSize;
  CHECK(read);
  // RFC 5246 §6.3: client key, server key, client IV, server IV; AEAD suites have no MAC keys.
  std::array<uint8_t, 2 * (32 + 12)> block{};
  size_t key = key_size(*cipher);
  size_t iv = iv_size(*cipher);
  prf(SSL_CIPHER_get_handshake_digest(suite), secret, seed, MutableByteView(block).first(2 * (key + iv)));
  std::array<RecordKey, 2> sides{};
  for (size_t side : {0, 1}) {
    std::ranges::copy(ByteView(block).subspan(side * key, key), sides[side].key.begin());
    std::ranges::copy(ByteView(block).subspan(2 * key + side * iv, iv), sides[side].iv.begin());
  }
  auto [client, server] = sides;
  AlertRecords records(*cipher, role == Role::kServer ? client : server, role == Role::kServer ? server : client,
                       sent.sequence + 1, sent.nonce + 1);
  OPENSSL_cleanse(secret.data(), secret.size());
  OPENSSL_cleanse(block.data(), block.size());
  OPENSSL_cleanse(sides.data(), sizeof sides);
  OPENSSL_cleanse(&client, sizeof client);
  OPENSSL_cleanse(&server, sizeof server);
  return records;
}

}  // namespace footlight::dtls
