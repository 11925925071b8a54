#include "control/addresses.h"

#include <algorithm>

namespace footlight::control {
namespace {

constexpr uint16_t kHttpPort = 80, kHttpsPort = 443;

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == ':' || c == '[' || c == ']' || c == '_';
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

std::string host_of(const http::Request& request) {
  std::string_view host = request.headers.get("Host").value_or("");
  const size_t bracket = host.rfind(']'), colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
    host = host.substr(0, colon);
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_char)) return "127.0.0.1";
  return std::string(host);
}

Addresses::Addresses(Options options) : options_(std::move(options)) {
  options_.http_public_url = without_slash(std::move(options_.http_public_url));
  options_.origin_public_url = without_slash(std::move(options_.origin_public_url));
}

std::string Addresses::at(std::string_view host, uint16_t port) const {
  std::string url = options_.tls ? "https://" : "http://";
  url += host;
  if (port != (options_.tls ? kHttpsPort : kHttpPort)) url += ":" + std::to_string(port);
  return url;
}

Addresses::Base Addresses::of(const http::Request& request) const {
  const auto host = host_of(request);
  return {.http = options_.http_public_url.empty() ? at(host, options_.http_port) : options_.http_public_url,
          .origin = options_.origin_public_url.empty() ? at(host, options_.origin_port) : options_.origin_public_url};
}

}  // namespace footlight::control
