#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace footlight::dtls {

enum class RecordCipher : uint8_t { kAes128Gcm, kAes256Gcm, kChaCha20Poly1305 };
[[nodiscard]] constexpr size_t key_size(RecordCipher c) { return c == RecordCipher::kAes128Gcm ? 16 : 32; }
// The part of the nonce that the handshake yields: RFC 5288 §3 (salt), RFC 7905 §2 (all of it).
[[nodiscard]] constexpr size_t iv_size(RecordCipher c) { return c == RecordCipher::kChaCha20Poly1305 ? 12 : 4; }

// One direction's record key of DTLS 1.2, and what it is used up to.
struct RecordKey {
  std::array<uint8_t, 32> key{};
  std::array<uint8_t, 12> iv{};
};

// What a finished DTLS 1.2 handshake leaves when OpenSSL's state is given back: enough to say and to hear close_notify
// (RFC 5246 §7.2.1) in records of epoch 1 (RFC 6347 §4.1). Owned by a DtlsMachine. In: datagrams of the peer, of which
// all but alerts are ignored. Out: one record. Records that do not authenticate are nothing. Under 200 bytes.
class AlertRecords {
 public:
  enum class Heard : uint8_t { kNothing, kCloseNotify, kFatal };
  // Header, explicit nonce, two bytes, tag.
  static constexpr size_t kMaxRecord = 13 + 8 + 2 + 16;

  // `next_sequence` (48 bits) and, with GCM, `next_nonce` are the first that this side has not used.
  AlertRecords(RecordCipher cipher, const RecordKey& read, const RecordKey& write, uint64_t next_sequence,
               uint64_t next_nonce);
  ~AlertRecords();
  AlertRecords(const AlertRecords&) = default;
  AlertRecords& operator=(const AlertRecords&) = default;

  [[nodiscard]] Heard hear(ByteView datagram) const;
  // The size of the record, at most kMaxRecord of room.
  [[nodiscard]] size_t write_close_notify(MutableByteView out);

 private:
  using Nonce = std::array<uint8_t, 12>;
  // The per-record part is GCM's explicit nonce, or ChaCha20's epoch and sequence number.
  [[nodiscard]] Nonce nonce_of(const RecordKey& key, uint64_t per_record) const;

  RecordCipher cipher_;
  RecordKey read_;
  RecordKey write_;
  uint64_t next_sequence_;
  uint64_t next_nonce_;
};

}  // namespace footlight::dtls
