#include "load/http_url.h"

#include <fmt/core.h>
#include <netdb.h>

#include <charconv>
#include <memory>
#include <vector>

namespace footlight::load {
namespace {

constexpr uint16_t kHttpPort = 80;    // RFC 9110 §4.2.1
constexpr uint16_t kHttpsPort = 443;  // RFC 9110 §4.2.2

bool read_port(std::string_view text, uint16_t& port) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

// RFC 3986 §5.2.4: "." and ".." segments of an absolute path.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool folder = false;  // the last segment was a dot one: the result ends in '/'
  for (size_t at = 1; at <= path.size();) {
    size_t end = std::min(path.find('/', at), path.size());
    std::string_view segment = path.substr(at, end - at);
    folder = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!folder) kept.push_back(segment);
    at = end + 1;
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (out.empty() || (folder && out.back() != '/')) out += '/';
  return out;
}

}  // namespace

Result<HttpUrl, Error> HttpUrl::parse(std::string_view text) {
  HttpUrl url;
  size_t scheme_end = text.find("://");
  std::string_view scheme = text.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
  url.tls = scheme == "https";
  if (!url.tls && scheme != "http") return fail(fmt::format("'{}' does not start with http:// or https://", text));
  std::string_view rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  size_t path = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos)
    return fail(fmt::format("'{}' has a user name in it, which HTTP would not send", text));
  if (path < rest.size()) url.target = (rest[path] == '?' ? "/" : "") + std::string(rest.substr(path));
  size_t colon = authority.rfind(':');
  bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  url.port = url.tls ? kHttpsPort : kHttpPort;
  if (has_port && !read_port(authority.substr(colon + 1), url.port))
    return fail(fmt::format("'{}' has no usable port", text));
  std::string_view name = authority.substr(0, has_port ? colon : authority.size());
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
  if (name.empty()) return fail(fmt::format("'{}' names no host", text));
  url.host = name;
  return url;
}

Result<HttpUrl, Error> HttpUrl::resolve(std::string_view reference) const {
  if (reference.starts_with("http://") || reference.starts_with("https://")) return parse(reference);
  if (reference.starts_with("//")) return parse((tls ? "https:" : "http:") + std::string(reference));
  if (reference.empty()) return fail("an empty Location");
  HttpUrl out = *this;
  std::string_view path = std::string_view(target).substr(0, target.find('?'));
  std::string_view query;
  if (size_t mark = reference.find('?'); mark != std::string_view::npos) {
    query = reference.substr(mark);
    reference = reference.substr(0, mark);
  }
  std::string joined;
  if (reference.empty()) {
    joined = path;
  } else if (reference.front() == '/') {
    joined = reference;
  } else {
    joined = std::string(path.substr(0, path.rfind('/') + 1)) + std::string(reference);
  }
  out.target = without_dots(joined) + std::string(query);
  return out;
}

std::string HttpUrl::authority() const {
  std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? kHttpsPort : kHttpPort) ? name : fmt::format("{}:{}", name, port);
}

std::string HttpUrl::text() const { return (tls ? "https://" : "http://") + authority() + target; }

Result<SocketAddress, Error> look_up(const HttpUrl& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  int failed = ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &raw);
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(raw, &::freeaddrinfo);
  auto address = failed != 0 ? std::nullopt : SocketAddress::from_sockaddr(found->ai_addr, found->ai_addrlen);
  if (!address) return fail(fmt::format("the host '{}' cannot be found: {}", url.host, ::gai_strerror(failed)));
  return *address;
}

}  // namespace footlight::load
