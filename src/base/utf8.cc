#include "base/utf8.h"

#include <cstdint>

namespace footlight {
namespace {

// How many bytes follow a first byte, and what the first of these may be (RFC 3629 §4, the rule UTF8-char).
struct Sequence {
  size_t following;
  uint8_t low, high;
};
constexpr Sequence kIllegal{0, 1, 0};

constexpr Sequence sequence_of(uint8_t first) {
  if (first < 0x80) return {0, 0, 0};
  if (first < 0xC2) return kIllegal;
  if (first < 0xE0) return {1, 0x80, 0xBF};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (first < 0xF0) return {2, 0x80, 0xBF};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first < 0xF4) return {3, 0x80, 0xBF};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return kIllegal;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto [following, low, high] = sequence_of(static_cast<uint8_t>(text.front()));
    text.remove_prefix(1);
    if (low > high || text.size() < following) return false;
    for (; following > 0; --following) {
      const auto byte = static_cast<uint8_t>(text.front());
      if (byte < low || byte > high) return false;
      low = 0x80;
      high = 0xBF;
      text.remove_prefix(1);
    }
  }
  return true;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  static constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  const bool sound = is_utf8(text);
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else if (byte >= 0x80 && !sound) {
      out += kReplacement;
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace footlight
