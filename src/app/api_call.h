#pragma once
#include <optional>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "http/client.h"
#include "http/message.h"

namespace footlight::app {

// Where an API is, as http::Client wants it.
struct ApiAddress {
  std::string endpoint;  // "unix:…" or "ip:port"
  std::string host;      // the Host to send
  std::optional<http::ClientTls> tls;
};
// "https://live.example.org[:port]"; the name is resolved now. `extra_ca`: a certificate to trust besides the system's.
[[nodiscard]] Result<ApiAddress, Error> resolve_url(const std::string& url, const std::string& extra_ca);

// One request from the shell: runs a loop of its own until the answer is there.
[[nodiscard]] Result<http::Response, http::ClientError> call_and_wait(const ApiAddress& address, http::Request request,
                                                                      Duration timeout);

}  // namespace footlight::app
