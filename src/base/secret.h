#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace footlight {

// Equal in time that depends on the lengths only.
[[nodiscard]] bool constant_time_equal(ByteView a, ByteView b);
[[nodiscard]] inline bool constant_time_equal(std::string_view a, std::string_view b) {
  return constant_time_equal(as_bytes(a), as_bytes(b));
}

// A key, token or password. It has no formatter and no stream operator: printing it does not compile, and comparing
// it takes constant time. reveal() is the one way out; its callers are few and easy to find.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  [[nodiscard]] bool matches(std::string_view other) const { return constant_time_equal(value_, other); }
  bool operator==(const Secret& other) const { return matches(other.value_); }

 private:
  std::string value_;
};

}  // namespace footlight
