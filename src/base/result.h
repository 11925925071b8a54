#pragma once
#include <expected>
#include <string>

namespace footlight {

// A value or the folder's own error (an enum with reasons, or Error where a person will read it).
// libstdc++ 12's std::expected has neither transform nor and_then.
template <class T, class E>
using Result = std::expected<T, E>;
using std::unexpected;

// One sentence that says what happened and the mend.
struct Error {
  std::string message;
};

inline std::unexpected<Error> fail(std::string message) { return std::unexpected(Error{std::move(message)}); }

}  // namespace footlight
