#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/socket_address.h"

namespace footlight::load {

// An http or https URL taken apart (RFC 3986 §3): what a request needs. A fragment is dropped.
struct HttpUrl {
  bool tls = false;
  std::string host;  // a name or an IP literal, without brackets
  uint16_t port = 0;
  std::string target = "/";  // path and query

  // One sentence names what is wrong with the text.
  [[nodiscard]] static Result<HttpUrl, Error> parse(std::string_view text);
  // A Location of an answer to this URL: absolute, or relative to it (RFC 3986 §5.2).
  [[nodiscard]] Result<HttpUrl, Error> resolve(std::string_view reference) const;
  [[nodiscard]] std::string authority() const;  // the Host field: the port stands there where it is not the scheme's
  [[nodiscard]] std::string text() const;
  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

// Asks the system's resolver, and waits for it.
[[nodiscard]] Result<SocketAddress, Error> look_up(const HttpUrl& url);

}  // namespace footlight::load
