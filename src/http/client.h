#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "http/loop.h"
#include "http/message.h"

namespace footlight::http {

enum class ClientError { kConnect, kTimeout, kClosed, kProtocol, kTls };
[[nodiscard]] std::string_view sentence(ClientError e);

// For https endpoints: the name to verify and send as SNI, and a PEM file trusted beside the system's authorities.
struct ClientTls {
  std::string server_name;
  std::string ca_file;
};

// HTTP/1.1 client on the loop's thread with kept connections: role-to-role calls over Unix sockets or loopback TCP.
// At most `max_connections` at once, further requests wait their turn; the queue holds 1024 and then fails kTimeout.
// A request on a kept connection that the server had closed is sent once more on a new one, if no byte was answered.
// Answers of more than 64 MiB are kProtocol.
class Client {
 public:
  using Callback = std::function<void(Result<Response, ClientError>)>;
  // `endpoint`: "unix:/path/to.sock" or "ip:port".
  Client(Loop& loop, std::string endpoint, size_t max_connections = 8, std::optional<ClientTls> tls = std::nullopt);
  ~Client();  // pending callbacks never run afterwards
  void request(Request request, Duration timeout, Callback callback);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace footlight::http
