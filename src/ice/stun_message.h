#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/socket_address.h"

namespace footlight::ice {

// RFC 8489 §5: the class bits of a message type, as they lie in the first 16 bits.
enum class StunClass : uint16_t { kRequest = 0x0000, kIndication = 0x0010, kSuccess = 0x0100, kError = 0x0110 };
inline constexpr uint16_t kBindingMethod = 0x0001;
inline constexpr uint32_t kMagicCookie = 0x2112A442;
inline constexpr size_t kStunHeaderSize = 20;
// Room for any message that this folder writes (IPv6 address, integrity, fingerprint, an error's reason).
inline constexpr size_t kMaxStunSize = 512;

inline constexpr uint16_t kErrorBadRequest = 400;
inline constexpr uint16_t kErrorUnauthenticated = 401;
inline constexpr uint16_t kErrorUnknownAttribute = 420;
inline constexpr uint16_t kErrorRoleConflict = 487;

using TransactionId = std::array<uint8_t, 12>;

enum class StunParseError {
  kTooShort,
  kNotStun,         // leading bits or magic cookie
  kBadLength,       // header length does not match the datagram
  kBadAttribute,    // an attribute runs past the end, or has an impossible size
  kBadFingerprint,  // FINGERPRINT present and wrong
};

// A view of one STUN message: every pointer goes into `packet`, which the caller keeps alive. Attributes after
// MESSAGE-INTEGRITY other than FINGERPRINT are ignored (RFC 8489 §14.5). Nothing here is authenticated until
// verify_integrity() says so.
struct StunMessage {
  ByteView packet;
  StunClass cls{};
  uint16_t method = 0;
  TransactionId transaction{};

  std::optional<std::string_view> username;
  std::optional<uint32_t> priority;
  bool use_candidate = false;
  std::optional<uint64_t> controlling;  // tie-breaker of ICE-CONTROLLING
  std::optional<uint64_t> controlled;
  std::optional<uint32_t> nomination;  // draft-thatcher-ice-renomination §3
  std::optional<SocketAddress> mapped_address;
  std::optional<uint16_t> error_code;
  std::optional<uint16_t> unknown_attribute;  // first comprehension-required attribute that we do not know
  size_t integrity_at = 0;                    // offset of the MESSAGE-INTEGRITY attribute; 0: absent
  bool has_fingerprint = false;

  // The part of USERNAME before the colon: the receiver's ufrag (RFC 8445 §7.2.2). Empty without one.
  [[nodiscard]] std::string_view local_ufrag() const;
};

[[nodiscard]] Result<StunMessage, StunParseError> parse_stun(ByteView packet);
// MESSAGE-INTEGRITY: HMAC-SHA1 under `password`, compared in constant time. False without the attribute.
[[nodiscard]] bool verify_integrity(const StunMessage& message, std::string_view password);

// Writes one message into the caller's buffer; ends with finish(), which returns its size, 0 if the buffer was small.
class StunWriter {
 public:
  StunWriter(MutableByteView out, StunClass cls, uint16_t method, const TransactionId& transaction);
  StunWriter& username(std::string_view name);
  StunWriter& priority(uint32_t value);
  StunWriter& use_candidate();
  StunWriter& nomination(uint32_t value);
  StunWriter& controlling(uint64_t tie_breaker);
  StunWriter& controlled(uint64_t tie_breaker);
  StunWriter& xor_mapped_address(const SocketAddress& address);
  StunWriter& error(uint16_t code, std::string_view reason);
  StunWriter& unknown_attribute(uint16_t type);
  // MESSAGE-INTEGRITY under `password` (none if empty), then FINGERPRINT.
  [[nodiscard]] size_t finish(std::string_view password);

 private:
  void attribute(uint16_t type, ByteView value);
  StunWriter& number(uint16_t type, uint64_t value, size_t bytes);
  void set_length(size_t length);

  MutableByteView out_;
  ByteWriter writer_;
  TransactionId transaction_;
};

}  // namespace footlight::ice
