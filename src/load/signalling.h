#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/client.h"
#include "http/loop.h"
#include "load/http_url.h"

namespace footlight::load {

// What a server answered an offer with.
struct SessionMade {
  std::string answer;               // SDP
  std::optional<HttpUrl> resource;  // to DELETE; some servers name none
};

// The HTTP side of WHIP (RFC 9725 §4.2) and WHEP for many peers: offers, redirects, goodbyes. Owned by a run, on its
// loop's thread. In: offers; out: answers by callback on the loop, or a sentence why there is none.
class Signalling {
 public:
  using Done = std::function<void(Result<SessionMade, Error>)>;

  Signalling(http::Loop& loop, HttpUrl endpoint, std::string token, std::string ca_file);
  // Is the endpoint's host there at all? Call once, before offers.
  [[nodiscard]] Result<SocketAddress, Error> find_server();
  void post(std::string offer, Done done);
  void remove(const HttpUrl& resource, std::function<void()> done);

 private:
  void post_to(const HttpUrl& endpoint, std::string offer, int redirects_left, Done done);
  [[nodiscard]] Result<http::Client*, Error> client_of(const HttpUrl& url);
  [[nodiscard]] http::Request request(const char* method, const HttpUrl& url) const;

  http::Loop& loop_;
  HttpUrl endpoint_;
  std::string token_;
  std::string ca_file_;
  std::map<std::string, std::unique_ptr<http::Client>> clients_;  // by scheme and authority
};

}  // namespace footlight::load
