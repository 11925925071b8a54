#include "state/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace footlight::state {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool is_plain(char c) { return static_cast<uint8_t>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<uint8_t>(c) >> 4];
      out += kHex[static_cast<uint8_t>(c) & 15];
  }
}

template <class T>
void append_number(std::string& out, T v) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  first_ = true;
}

void JsonWriter::value(std::string_view text) {
  separate();
  out_ += '"';
  const bool sound = is_utf8(text);
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain]) && (sound || static_cast<uint8_t>(text[plain]) < 0x80)) ++plain;
    out_ += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<uint8_t>(text.front()) >= 0x80)
      out_ += kReplacement;
    else
      append_escaped(out_, text.front());
    text.remove_prefix(1);
  }
  out_ += '"';
}

void JsonWriter::value(double v) {
  if (!std::isfinite(v)) return raw("null");
  separate();
  append_number(out_, v);
}

void JsonWriter::signed_value(int64_t v) {
  separate();
  append_number(out_, v);
}

void JsonWriter::unsigned_value(uint64_t v) {
  separate();
  append_number(out_, v);
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
}

}  // namespace footlight::state
