#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace footlight::rtp::rtcp {

// RFC 3550 §12.1, RFC 4585 §6.1
enum class BlockType : uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kSdes = 202,
  kBye = 203,
  kApplicationDefined = 204,
  kTransportLayerFeedback = 205,
  kPayloadFeedback = 206,
};

// FMT of feedback messages, by block type.
inline constexpr uint8_t kFmtNack = 1;                // 205, RFC 4585 §6.2.1
inline constexpr uint8_t kFmtTransportFeedback = 15;  // 205, draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1
inline constexpr uint8_t kFmtPli = 1;                 // 206, RFC 4585 §6.3.1
inline constexpr uint8_t kFmtFir = 4;                 // 206, RFC 5104 §4.3.1
inline constexpr uint8_t kFmtApplication = 15;        // 206, RFC 4585 §6.4 (REMB)

// One RTCP packet inside a compound: its body is what follows the four header bytes, without padding.
struct Block {
  uint8_t count = 0;  // RC, SC or FMT: the five low bits of the first byte
  BlockType type{};   // may be a number that has no enumerator
  ByteView body;
};

enum class CompoundError { kEmpty, kTruncated, kBadVersion, kBadPadding };
enum class MessageError { kWrongType, kTruncated, kBadValue };

// Walks the blocks of a compound or reduced-size (RFC 5506) RTCP packet. parse() checks every length first, so next()
// cannot fail. Owns nothing; dies with the bytes.
class CompoundReader {
 public:
  [[nodiscard]] static Result<CompoundReader, CompoundError> parse(ByteView bytes);
  [[nodiscard]] bool next(Block& out);

 private:
  explicit CompoundReader(ByteView bytes) : reader_(bytes) {}
  ByteReader reader_;
};

// RFC 3550 §6.4.1 header: V=2, P=0, count, type, length in 32-bit words minus one. `body_size` is a multiple of four.
void write_block_header(ByteWriter& w, uint8_t count, BlockType type, size_t body_size);

}  // namespace footlight::rtp::rtcp
