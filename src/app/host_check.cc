#include "app/host_check.h"

#include <algorithm>

#include "http/router.h"
#include "net/listen.h"

namespace footlight::app {
namespace {

// "example.org:8080" → "example.org", "[::1]:8080" → "::1".
std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    authority = authority.substr(1, authority.find(']') == std::string_view::npos ? 0 : authority.find(']') - 1);
  } else {
    authority = authority.substr(0, authority.find(':'));
  }
  if (authority.ends_with('.')) authority.remove_suffix(1);
  std::string out(authority);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string host_of_url(std::string_view url) {
  size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return host_of(url.substr(0, url.find('/')));
}

}  // namespace

HostCheck::HostCheck(const SocketAddress& listen, const std::vector<std::string>& public_urls)
    : hosts_{"localhost", "127.0.0.1", "::1"} {
  if (listen.is_any()) {
    for (const auto& interface : net::interface_addresses()) hosts_.insert(interface.address.ip_string());
  } else {
    hosts_.insert(listen.ip_string());
  }
  for (const std::string& url : public_urls)
    if (!url.empty()) hosts_.insert(host_of_url(url));
}

bool HostCheck::accepts(std::string_view host_field) const {
  std::string host = host_of(host_field);
  // RFC 6761 §6.3: every name below localhost is loopback; the rest of 127/8 is ours too.
  return hosts_.contains(host) || host.ends_with(".localhost") ||
         (host.starts_with("127.") && SocketAddress::from_ip(host, 0).has_value());
}

http::Handler HostCheck::guard(HostCheck check, http::Handler inner) {
  return [check = std::move(check), inner = std::move(inner)](http::Request request, http::ExchangePtr exchange) {
    auto host = request.headers.get("Host");
    if (host && check.accepts(*host)) return inner(std::move(request), std::move(exchange));
    exchange->respond(http::problem(
        421, "This server does not answer to that host name; if it should, set http.public_url or origin.public_url."));
  };
}

}  // namespace footlight::app
