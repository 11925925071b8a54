#include "dtls/alert_records.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"
#include "dtls/openssl_handles.h"

namespace footlight::dtls {
namespace {

constexpr uint8_t kAlert = 21;
constexpr uint16_t kDtls12 = 0xfefd;
constexpr uint64_t kEpoch = 1;  // there is one handshake, and renegotiation is refused
constexpr size_t kExplicitNonceSize = 8;
constexpr size_t kTagSize = 16;
constexpr size_t kAlertSize = 2;
constexpr uint8_t kWarning = 1;
constexpr uint8_t kFatalLevel = 2;
constexpr uint8_t kCloseNotify = 0;

const EVP_CIPHER* evp_of(RecordCipher cipher) {
  switch (cipher) {
    case RecordCipher::kAes128Gcm:
      return EVP_aes_128_gcm();
    case RecordCipher::kAes256Gcm:
      return EVP_aes_256_gcm();
    case RecordCipher::kChaCha20Poly1305:
      return EVP_chacha20_poly1305();
  }
  return nullptr;
}

// RFC 6347 §4.1: | type (8) | version (16) | epoch (16) | sequence number (48) | length (16) | fragment |
struct Record {
  uint8_t type = 0;
  uint16_t version = 0;
  uint64_t number = 0;  // epoch and sequence number
  ByteView fragment;
};

bool read_record(ByteReader& reader, Record& record) {
  uint16_t length = 0;
  return reader.read_u8(record.type) && reader.read_u16(record.version) && reader.read_u64(record.number) &&
         reader.read_u16(length) && reader.read_bytes(length, record.fragment);
}

// RFC 5246 §6.2.3.3: the record's number, type and version, and the length of the plain text.
std::array<uint8_t, 13> associated_data(uint64_t number) {
  std::array<uint8_t, 13> data{};
  ByteWriter writer(data);
  writer.u64(number);
  writer.u8(kAlert);
  writer.u16(kDtls12);
  writer.u16(kAlertSize);
  return data;
}

using Context = OpensslPtr<EVP_CIPHER_CTX>;

// A context that has the key, the nonce and the associated data; null if OpenSSL refuses, which it has no reason to.
Context begin(RecordCipher cipher, const RecordKey& key, const std::array<uint8_t, 12>& nonce, uint64_t number,
              bool encrypt) {
  Context context(EVP_CIPHER_CTX_new());
  auto data = associated_data(number);
  int size = 0;
  CHECK(context &&
        EVP_CipherInit_ex(context.get(), evp_of(cipher), nullptr, key.key.data(), nonce.data(), encrypt ? 1 : 0) == 1 &&
        EVP_CipherUpdate(context.get(), nullptr, &size, data.data(), static_cast<int>(data.size())) == 1);
  return context;
}

std::optional<std::array<uint8_t, kAlertSize>> open(EVP_CIPHER_CTX* context, ByteView sealed) {
  std::array<uint8_t, kAlertSize> plain{};
  std::array<uint8_t, kTagSize> tag{};
  std::ranges::copy(sealed.last(kTagSize), tag.begin());
  int size = 0;
  bool opened = EVP_CipherUpdate(context, plain.data(), &size, sealed.data(), kAlertSize) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
                EVP_CipherFinal_ex(context, plain.data() + kAlertSize, &size) == 1;
  return opened ? std::optional(plain) : std::nullopt;
}

}  // namespace

AlertRecords::AlertRecords(RecordCipher cipher, const RecordKey& read, const RecordKey& write, uint64_t next_sequence,
                           uint64_t next_nonce)
    : cipher_(cipher), read_(read), write_(write), next_sequence_(next_sequence), next_nonce_(next_nonce) {}

AlertRecords::~AlertRecords() {
  OPENSSL_cleanse(&read_, sizeof read_);
  OPENSSL_cleanse(&write_, sizeof write_);
}

// GCM: the salt, then the explicit part (RFC 5288 §3). ChaCha20: the IV XOR the record's number, padded on the left
// (RFC 7905 §2).
AlertRecords::Nonce AlertRecords::nonce_of(const RecordKey& key, uint64_t per_record) const {
  Nonce nonce = key.iv;
  for (size_t i = 0; i < 8; ++i) nonce[4 + i] ^= static_cast<uint8_t>(per_record >> (8 * (7 - i)));
  return nonce;
}

AlertRecords::Heard AlertRecords::hear(ByteView datagram) const {
  ByteReader reader(datagram);
  Record record;
  bool gcm = cipher_ != RecordCipher::kChaCha20Poly1305;
  while (read_record(reader, record)) {
    if (record.type != kAlert || record.version != kDtls12 || record.number >> 48 != kEpoch) continue;
    ByteReader fragment(record.fragment);
    uint64_t per_record = record.number;
    if ((gcm && !fragment.read_u64(per_record)) || fragment.remaining() != kAlertSize + kTagSize) continue;
    Context context = begin(cipher_, read_, nonce_of(read_, per_record), record.number, false);
    auto alert = open(context.get(), fragment.rest());
    if (!alert) continue;
    if ((*alert)[1] == kCloseNotify) return Heard::kCloseNotify;
    if ((*alert)[0] == kFatalLevel) return Heard::kFatal;
  }
  return Heard::kNothing;
}

size_t AlertRecords::write_close_notify(MutableByteView out) {
  bool gcm = cipher_ != RecordCipher::kChaCha20Poly1305;
  uint64_t number = kEpoch << 48 | next_sequence_++;
  uint64_t per_record = gcm ? next_nonce_++ : number;
  std::array<uint8_t, kAlertSize> alert = {kWarning, kCloseNotify};
  std::array<uint8_t, kTagSize> tag{};
  Context context = begin(cipher_, write_, nonce_of(write_, per_record), number, true);
  int size = 0;
  CHECK(EVP_CipherUpdate(context.get(), alert.data(), &size, alert.data(), kAlertSize) == 1 &&
        EVP_CipherFinal_ex(context.get(), alert.data() + kAlertSize, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag.data()) == 1);
  ByteWriter writer(out);
  writer.u8(kAlert);
  writer.u16(kDtls12);
  writer.u64(number);
  writer.u16(static_cast<uint16_t>((gcm ? kExplicitNonceSize : 0) + kAlertSize + kTagSize));
  if (gcm) writer.u64(per_record);
  writer.bytes(alert);
  writer.bytes(tag);
  return writer.ok() ? writer.size() : 0;
}

}  // namespace footlight::dtls
