#pragma once
#include <sys/uio.h>

#include <memory>
#include <span>

#include "base/bytes.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace footlight::http {

enum class IoStatus { kDone, kNeedRead, kNeedWrite, kEnd, kBroken };

// kDone: `bytes` moved, perhaps fewer than offered. kNeedRead and kNeedWrite: try again when the socket is ready so.
struct IoResult {
  IoStatus status = IoStatus::kDone;
  size_t bytes = 0;
};

// Bytes over a non-blocking socket, plain or TLS. It does not own the socket and never waits: the connection does.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual IoResult handshake() = 0;
  [[nodiscard]] virtual IoResult read(MutableByteView out) = 0;
  [[nodiscard]] virtual IoResult write(std::span<const iovec> pieces) = 0;
  // Tells the peer that nothing follows; reading goes on.
  virtual void end_writing() = 0;
};

[[nodiscard]] std::unique_ptr<Transport> make_plain_transport(int fd);
[[nodiscard]] std::unique_ptr<Transport> make_tls_server_transport(int fd, SSL_CTX& context);
// Verifies the peer's certificate for `server_name`, which is also sent as SNI.
[[nodiscard]] std::unique_ptr<Transport> make_tls_client_transport(int fd, SSL_CTX& context, const char* server_name);

}  // namespace footlight::http
