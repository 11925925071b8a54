#include "app/api_call.h"

#include <fmt/core.h>
#include <netdb.h>
#include <sys/socket.h>

#include <memory>

#include "base/socket_address.h"

namespace footlight::app {

Result<ApiAddress, Error> resolve_url(const std::string& url, const std::string& extra_ca) {
  bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://"))
    return fail(fmt::format("--url is '{}', but must start with http:// or https://.", url));
  std::string authority = url.substr(tls ? 8 : 7);
  authority = authority.substr(0, authority.find('/'));
  size_t colon = authority.rfind(':');
  bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  std::string name = authority.substr(0, has_port ? colon : std::string::npos);
  std::string port = has_port ? authority.substr(colon + 1) : tls ? "443" : "80";
  if (name.size() > 2 && name.front() == '[') name = name.substr(1, name.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  int failed = ::getaddrinfo(name.c_str(), port.c_str(), &hints, &raw);
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(raw, &::freeaddrinfo);
  auto address = failed != 0 ? std::nullopt : SocketAddress::from_sockaddr(found->ai_addr, found->ai_addrlen);
  if (!address)
    return fail(fmt::format("--url names the host '{}', which cannot be found: {}.", name, ::gai_strerror(failed)));
  ApiAddress out{address->to_string(), authority, std::nullopt};
  if (tls) out.tls = http::ClientTls{name, extra_ca};
  return out;
}

Result<http::Response, http::ClientError> call_and_wait(const ApiAddress& address, http::Request request,
                                                        Duration timeout) {
  http::Loop loop;
  http::Client client(loop, address.endpoint, 1, address.tls);
  request.headers.set("Host", address.host);
  Result<http::Response, http::ClientError> result = unexpected(http::ClientError::kTimeout);
  client.request(std::move(request), timeout, [&](auto answer) {
    result = std::move(answer);
    loop.stop();
  });
  loop.run();
  return result;
}

}  // namespace footlight::app
