#include "load/signalling.h"

#include <fmt/core.h>

namespace footlight::load {
namespace {

// A crowd arrives through this many connections at once, as through a reverse proxy.
constexpr size_t kConnections = 16;
constexpr Duration kPatience = Duration::seconds(20);  // a server that is filling up answers late
constexpr int kRedirects = 3;
constexpr size_t kDetailShown = 160;  // characters of a refusal's body

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

std::string refusal(const http::Response& response) {
  std::string detail = response.body.substr(0, kDetailShown);
  for (char& c : detail)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return detail.empty() ? fmt::format("HTTP {}", response.status) : fmt::format("HTTP {}: {}", response.status, detail);
}

}  // namespace

Signalling::Signalling(http::Loop& loop, HttpUrl endpoint, std::string token, std::string ca_file)
    : loop_(loop), endpoint_(std::move(endpoint)), token_(std::move(token)), ca_file_(std::move(ca_file)) {}

Result<SocketAddress, Error> Signalling::find_server() {
  auto address = look_up(endpoint_);
  if (!address) return unexpected(address.error());
  if (auto client = client_of(endpoint_); !client) return unexpected(client.error());
  return *address;
}

Result<http::Client*, Error> Signalling::client_of(const HttpUrl& url) {
  auto& client = clients_[(url.tls ? "https " : "http ") + url.authority()];
  if (!client) {
    auto address = look_up(url);
    if (!address) return unexpected(address.error());
    std::optional<http::ClientTls> tls;
    if (url.tls) tls = http::ClientTls{url.host, ca_file_};
    client = std::make_unique<http::Client>(loop_, address->to_string(), kConnections, std::move(tls));
  }
  return client.get();
}

http::Request Signalling::request(const char* method, const HttpUrl& url) const {
  http::Request request;
  request.method = method;
  request.target = url.target;
  request.headers.set("Host", url.authority());
  if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
  return request;
}

void Signalling::post(std::string offer, Done done) {
  post_to(endpoint_, std::move(offer), kRedirects, std::move(done));
}

void Signalling::post_to(const HttpUrl& endpoint, std::string offer, int redirects_left, Done done) {
  auto client = client_of(endpoint);
  if (!client) return done(unexpected(client.error()));
  http::Request posted = request("POST", endpoint);
  posted.headers.set("Content-Type", "application/sdp");
  posted.headers.set("Accept", "application/sdp");
  posted.body = offer;
  (*client)->request(
      std::move(posted), kPatience,
      [this, endpoint, offer = std::move(offer), redirects_left, done = std::move(done)](auto answer) mutable {
        if (!answer) return done(fail(std::string(http::sentence(answer.error()))));
        auto location = answer->headers.get("Location");
        if (is_redirect(answer->status) && location && redirects_left > 0) {
          auto next = endpoint.resolve(*location);
          if (!next) return done(unexpected(next.error()));
          return post_to(*next, std::move(offer), redirects_left - 1, std::move(done));
        }
        // RFC 9725 §4.2 says 201; some servers answer 200.
        if (answer->status / 100 != 2 || answer->body.empty()) return done(fail(refusal(*answer)));
        SessionMade made{std::move(answer->body), std::nullopt};
        if (location)
          if (auto resource = endpoint.resolve(*location)) made.resource = std::move(*resource);
        done(std::move(made));
      });
}

void Signalling::remove(const HttpUrl& resource, std::function<void()> done) {
  auto client = client_of(resource);
  if (!client) return done();
  (*client)->request(request("DELETE", resource), kPatience, [done = std::move(done)](const auto&) { done(); });
}

}  // namespace footlight::load
