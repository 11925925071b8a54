#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace footlight::state {

// JSON (RFC 8259) written straight into a string, for documents that are large and written often. The caller keeps the
// order of calls right: in an object a key before each value. Text that is not UTF-8 is written with U+FFFD in the
// place of each byte that is none; numbers that JSON has not are null. Used on one thread.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);  // ASCII without anything to escape

  void value(std::string_view text);
  void value(double v);
  void value(std::integral auto v) {
    if constexpr (std::same_as<decltype(v), bool>)
      raw(v ? "true" : "false");
    else if constexpr (std::unsigned_integral<decltype(v)>)
      unsigned_value(v);
    else
      signed_value(v);
  }
  // A value that is JSON already.
  void raw(std::string_view json);

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void signed_value(int64_t v);
  void unsigned_value(uint64_t v);

  std::string& out_;
  bool first_ = true;  // of its object or array, or a key's value
};

}  // namespace footlight::state
