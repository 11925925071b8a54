#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace footlight::sdp {

// The value of an a=fmtp line behind the payload type: "name=value;name=value". Order is kept; names match without
// case.
class FormatParameters {
 public:
  FormatParameters() = default;
  explicit FormatParameters(std::string_view text);
  [[nodiscard]] const std::string* find(std::string_view name) const;  // nullptr: not there
  void set(std::string_view name, std::string_view value);
  void erase_starting(std::string_view prefix);  // all names that begin so
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

// ASCII without case, as SDP compares encoding and parameter names (RFC 8866 §6.6, RFC 4855 §3).
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

}  // namespace footlight::sdp
