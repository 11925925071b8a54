#pragma once
#include <cstdint>
#include <string>

#include "http/message.h"

namespace footlight::control {

// How absolute URLs begin (CONTRACT §3): by the public URL where one is configured, else by the host that the request
// names and the port of the listener that serves them.
class Addresses {
 public:
  struct Options {
    std::string http_public_url, origin_public_url;
    uint16_t http_port = 0, origin_port = 0;
    bool tls = false;
    uint16_t rtmp_port = 0;  // 0: no RTMP
  };
  explicit Addresses(Options options);

  struct Base {
    std::string http, origin;  // "https://host:port", without a slash at the end
    std::string rtmp;          // "rtmp://host:port/live"; empty: no RTMP
  };
  [[nodiscard]] Base of(const http::Request& request) const;

 private:
  [[nodiscard]] std::string rtmp_at(const std::string& host) const;
  [[nodiscard]] std::string at(std::string_view host, uint16_t port) const;
  Options options_;
};

// The host of a Host field without its port; "127.0.0.1" when there is none or it has characters no host has.
[[nodiscard]] std::string host_without_port(std::string_view host);
[[nodiscard]] std::string host_of(const http::Request& request);

}  // namespace footlight::control
