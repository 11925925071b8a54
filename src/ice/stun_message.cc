#include "ice/stun_message.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <algorithm>

#include "base/secret.h"

namespace footlight::ice {
namespace {

// Attribute types: RFC 8489 §18.3, RFC 8445 §16.1, draft-thatcher-ice-renomination §3.
enum Attribute : uint16_t {
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kUnknownAttributes = 0x000A,
  kXorMappedAddress = 0x0020,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kFingerprint = 0x8028,
  kIceControlled = 0x8029,
  kIceControlling = 0x802A,
  kNomination = 0xC001,
};

constexpr size_t kAttributeHeaderSize = 4;
constexpr size_t kIntegritySize = 20;  // HMAC-SHA1
constexpr uint32_t kFingerprintMask = 0x5354554E;
constexpr uint16_t kComprehensionOptional = 0x8000;
constexpr size_t kMaxUsername = 513;  // RFC 8489 §14.3: fewer than 513 bytes

std::array<uint8_t, kIntegritySize> hmac_sha1(std::string_view key, ByteView bytes) {
  std::array<uint8_t, kIntegritySize> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(), mac.data(), &size);
  return mac;
}

// RFC 8489 §14.7. Anybody's datagrams are summed, before it is known whose they are: zlib's takes 0.2 µs a kilobyte.
uint32_t fingerprint_of(ByteView before) {
  return static_cast<uint32_t>(crc32_z(0, before.data(), before.size())) ^ kFingerprintMask;
}

constexpr size_t padded(size_t n) { return (n + 3) & ~size_t{3}; }

// RFC 8489 §14.2: port and address, XORed with the cookie and, for IPv6, the transaction id.
std::array<uint8_t, 16> address_mask(const TransactionId& transaction) {
  std::array<uint8_t, 16> mask{};
  ByteWriter w(mask);
  w.u32(kMagicCookie);
  w.bytes(transaction);
  return mask;
}

std::optional<SocketAddress> read_xor_address(ByteView value, const TransactionId& transaction) {
  constexpr uint8_t kV4 = 1;
  constexpr uint8_t kV6 = 2;
  ByteReader r(value);
  uint8_t reserved = 0;
  uint8_t family = 0;
  uint16_t port = 0;
  if (!r.read_u8(reserved) || !r.read_u8(family) || !r.read_u16(port)) return std::nullopt;
  port ^= kMagicCookie >> 16;
  auto mask = address_mask(transaction);
  if (family == kV4 && r.remaining() == 4) {
    std::array<uint8_t, 4> ip{};
    for (size_t i = 0; i < ip.size(); ++i) ip[i] = r.rest()[i] ^ mask[i];
    return SocketAddress::v4(ip, port);
  }
  if (family == kV6 && r.remaining() == 16) {
    std::array<uint8_t, 16> ip{};
    for (size_t i = 0; i < ip.size(); ++i) ip[i] = r.rest()[i] ^ mask[i];
    return SocketAddress::v6(ip, port);
  }
  return std::nullopt;
}

template <class T>
bool read_number(ByteView value, std::optional<T>& out) {
  ByteReader r(value);
  T number{};
  bool read = false;
  if constexpr (sizeof(T) == 8)
    read = r.read_u64(number);
  else
    read = r.read_u32(number);
  if (!read || r.remaining() != 0) return false;
  out = number;
  return true;
}

bool read_error(ByteView value, StunMessage& m) {  // RFC 8489 §14.8: 21 zero bits, class, number
  uint32_t word = 0;
  ByteReader r(value);
  if (!r.read_u32(word)) return false;
  m.error_code = static_cast<uint16_t>((word >> 8 & 7) * 100 + (word & 0xff) % 100);
  return true;
}

bool read_attribute(uint16_t type, ByteView value, StunMessage& m) {
  switch (type) {
    case kUsername:
      if (value.size() >= kMaxUsername) return false;
      m.username = as_text(value);
      return true;
    case kPriority:
      return read_number(value, m.priority);
    case kUseCandidate:
      m.use_candidate = true;
      return value.empty();
    case kIceControlling:
      return read_number(value, m.controlling);
    case kIceControlled:
      return read_number(value, m.controlled);
    case kNomination:
      return read_number(value, m.nomination);
    case kErrorCode:
      return read_error(value, m);
    case kXorMappedAddress:
      m.mapped_address = read_xor_address(value, m.transaction);
      return m.mapped_address.has_value();
    case kUnknownAttributes:
      return true;
    default:
      if (type < kComprehensionOptional && !m.unknown_attribute) m.unknown_attribute = type;
      return true;
  }
}

bool fingerprint_fits(ByteView before, ByteView value) {
  ByteReader r(value);
  uint32_t stored = 0;
  return r.read_u32(stored) && r.remaining() == 0 && stored == fingerprint_of(before);
}

// Header, RFC 8489 §5: |0 0| message type (14) | length (16) | magic cookie | transaction id (96) |
std::optional<StunParseError> read_header(ByteReader& r, StunMessage& m) {
  uint16_t type = 0;
  uint16_t length = 0;
  uint32_t cookie = 0;
  ByteView transaction;
  if (!r.read_u16(type) || !r.read_u16(length) || !r.read_u32(cookie) || !r.read_bytes(12, transaction))
    return StunParseError::kTooShort;
  if ((type & 0xC000) != 0 || cookie != kMagicCookie) return StunParseError::kNotStun;
  if (length % 4 != 0 || length != r.remaining()) return StunParseError::kBadLength;
  m.cls = static_cast<StunClass>(type & 0x0110);
  m.method = static_cast<uint16_t>((type & 0x000F) | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2);
  std::ranges::copy(transaction, m.transaction.begin());
  return std::nullopt;
}

}  // namespace

std::string_view StunMessage::local_ufrag() const {
  return username ? username->substr(0, username->find(':')) : std::string_view();
}

Result<StunMessage, StunParseError> parse_stun(ByteView packet) {
  StunMessage m;
  m.packet = packet;
  ByteReader r(packet);
  if (auto error = read_header(r, m)) return unexpected(*error);
  while (r.remaining() > 0) {
    size_t at = r.position();
    uint16_t type = 0;
    uint16_t size = 0;
    ByteView value;
    if (!r.read_u16(type) || !r.read_u16(size) || !r.read_bytes(size, value) || !r.skip(padded(size) - size))
      return unexpected(StunParseError::kBadAttribute);
    if (type == kFingerprint) {
      if (r.remaining() != 0) return unexpected(StunParseError::kBadAttribute);  // must be last, RFC 8489 §14.7
      if (!fingerprint_fits(packet.first(at), value)) return unexpected(StunParseError::kBadFingerprint);
      m.has_fingerprint = true;
    } else if (m.integrity_at != 0) {
      continue;  // unprotected: as if it were not there
    } else if (type == kMessageIntegrity) {
      if (size != kIntegritySize) return unexpected(StunParseError::kBadAttribute);
      m.integrity_at = at;
    } else if (!read_attribute(type, value, m)) {
      return unexpected(StunParseError::kBadAttribute);
    }
  }
  return m;
}

// RFC 8489 §14.5: the HMAC covers all before the attribute, with a header length that ends behind it.
bool verify_integrity(const StunMessage& message, std::string_view password) {
  if (message.integrity_at == 0) return false;
  std::array<uint8_t, 2048> covered{};
  if (message.integrity_at > covered.size()) return false;
  std::ranges::copy(message.packet.first(message.integrity_at), covered.begin());
  size_t length = message.integrity_at + kAttributeHeaderSize + kIntegritySize - kStunHeaderSize;
  ByteWriter(MutableByteView(covered).subspan(2, 2)).u16(static_cast<uint16_t>(length));
  auto expected = hmac_sha1(password, ByteView(covered).first(message.integrity_at));
  return constant_time_equal(ByteView(expected),
                             message.packet.subspan(message.integrity_at + kAttributeHeaderSize, kIntegritySize));
}

StunWriter::StunWriter(MutableByteView out, StunClass cls, uint16_t method, const TransactionId& transaction)
    : out_(out), writer_(out), transaction_(transaction) {
  auto type = static_cast<uint16_t>((method & 0x000F) | (method & 0x0070) << 1 | (method & 0x0F80) << 2);
  writer_.u16(static_cast<uint16_t>(type | static_cast<uint16_t>(cls)));
  writer_.u16(0);
  writer_.u32(kMagicCookie);
  writer_.bytes(transaction);
}

void StunWriter::attribute(uint16_t type, ByteView value) {
  writer_.u16(type);
  writer_.u16(static_cast<uint16_t>(value.size()));
  writer_.bytes(value);
  writer_.zeros(padded(value.size()) - value.size());
}

void StunWriter::set_length(size_t length) {
  if (out_.size() >= kStunHeaderSize)
    ByteWriter(out_.subspan(2, 2)).u16(static_cast<uint16_t>(length - kStunHeaderSize));
}

StunWriter& StunWriter::number(uint16_t type, uint64_t value, size_t bytes) {
  std::array<uint8_t, 8> wire{};
  ByteWriter(wire).u64(value);
  attribute(type, ByteView(wire).last(bytes));
  return *this;
}

StunWriter& StunWriter::username(std::string_view name) {
  attribute(kUsername, as_bytes(name));
  return *this;
}
StunWriter& StunWriter::priority(uint32_t value) { return number(kPriority, value, 4); }
StunWriter& StunWriter::nomination(uint32_t value) { return number(kNomination, value, 4); }
StunWriter& StunWriter::controlling(uint64_t tie_breaker) { return number(kIceControlling, tie_breaker, 8); }
StunWriter& StunWriter::controlled(uint64_t tie_breaker) { return number(kIceControlled, tie_breaker, 8); }
StunWriter& StunWriter::use_candidate() { return number(kUseCandidate, 0, 0); }
StunWriter& StunWriter::unknown_attribute(uint16_t type) { return number(kUnknownAttributes, type, 2); }

StunWriter& StunWriter::xor_mapped_address(const SocketAddress& address) {
  std::array<uint8_t, 20> wire{};
  ByteWriter w(wire);
  w.u8(0);
  w.u8(address.is_v4() ? 1 : 2);
  w.u16(static_cast<uint16_t>(address.port() ^ kMagicCookie >> 16));
  auto mask = address_mask(transaction_);
  size_t size = address.is_v4() ? 4 : 16;
  for (size_t i = 0; i < size; ++i) w.u8(address.ip_bytes()[i] ^ mask[i]);
  attribute(kXorMappedAddress, w.written());
  return *this;
}

StunWriter& StunWriter::error(uint16_t code, std::string_view reason) {
  std::array<uint8_t, 128> wire{};
  ByteWriter w(wire);
  w.u16(0);
  w.u8(static_cast<uint8_t>(code / 100));
  w.u8(static_cast<uint8_t>(code % 100));
  w.bytes(as_bytes(reason.substr(0, wire.size() - w.size())));
  attribute(kErrorCode, w.written());
  return *this;
}

size_t StunWriter::finish(std::string_view password) {
  if (!password.empty()) {
    set_length(writer_.size() + kAttributeHeaderSize + kIntegritySize);
    auto mac = hmac_sha1(password, writer_.written());
    attribute(kMessageIntegrity, mac);
  }
  set_length(writer_.size() + kAttributeHeaderSize + 4);
  number(kFingerprint, fingerprint_of(writer_.written()), 4);
  return writer_.ok() ? writer_.size() : 0;
}

}  // namespace footlight::ice
