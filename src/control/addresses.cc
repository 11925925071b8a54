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

std::string host_without_port(std::string_view host) {
  host = host.substr(0, host.find('/'));
  const size_t bracket = host.rfind(']'), colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
    host = host.substr(0, colon);
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_char)) return "127.0.0.1";
  return std::string(host);
}

std::string host_of(const http::Request& request) {
  return host_without_port(request.headers.get("Host").value_or(""));
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

// Encoders reach RTMP at the machine that the public URL names, on RTMP's own port.
std::string Addresses::rtmp_at(const std::string& host) const {
  if (options_.rtmp_port == 0) return "";
  std::string name = host;
  if (const size_t begin = options_.http_public_url.find("://"); begin != std::string::npos)
    name = host_without_port(std::string_view(options_.http_public_url).substr(begin + 3));
  return "rtmp://" + name + ":" + std::to_string(options_.rtmp_port) + "/live";
}

Addresses::Base Addresses::of(const http::Request& request) const {
  const auto host = host_of(request);
  return {.http = options_.http_public_url.empty() ? at(host, options_.http_port) : options_.http_public_url,
          .origin = options_.origin_public_url.empty() ? at(host, options_.origin_port) : options_.origin_public_url,
          .rtmp = rtmp_at(host)};
}

}  // namespace footlight::control
