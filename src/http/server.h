#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "base/units.h"
#include "http/loop.h"
#include "http/message.h"

namespace footlight::http {

// One request waiting for its answer. Answer now or later (long polls, held playlists), once; on the loop's thread.
// Dropping it unanswered answers 500. The peer may vanish first: then answers are dropped and on_closed runs.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void respond(Response response) = 0;
  // Streams a body of unknown length (server-sent events): start, then write any number of times, then finish.
  // write() queues at most 1 MiB; beyond it the peer is too slow and is closed (counted).
  virtual void start(Response head) = 0;
  virtual void write(std::string chunk) = 0;
  virtual void finish() = 0;
  // Runs once when the peer closes before the answer is complete. Set at most one.
  virtual void on_closed(std::function<void()> fn) = 0;
};
using ExchangePtr = std::shared_ptr<Exchange>;
using Handler = std::function<void(Request request, ExchangePtr exchange)>;

struct ServerOptions {
  std::string name;                                  // for logs and metrics: "http", "origin", "control.sock"
  size_t max_body = 1 << 20;                         // bytes; beyond it Request::body_too_large
  size_t max_header = 16 << 10;                      // bytes; beyond it 431 and close
  size_t max_connections = 16384;                    // beyond it accept waits
  Duration idle_timeout = Duration::seconds(75);     // between requests of a kept connection
  Duration request_timeout = Duration::seconds(20);  // to read one request
  std::string tls_cert, tls_key;                     // PEM files; both or neither. Reloaded when either file changes
};

// HTTP/1.1 with keep-alive and pipelining-safe ordering, over TCP, TLS or Unix sockets. Owned by the engine whose loop
// it runs on. Bad requests get 400 and a close; nothing a peer sends throws out of it.
class Server {
 public:
  Server(Loop& loop, ServerOptions options, Handler handler);
  ~Server();
  // Takes a bound and listening socket (TCP or Unix stream). May be called for several. Fails on unreadable TLS files.
  [[nodiscard]] Result<void, Error> listen(UniqueFd socket);
  // Stops accepting, closes idle connections, lets running exchanges end; `done` runs when none is left or after
  // `limit`.
  void drain(Duration limit, std::function<void()> done);
  [[nodiscard]] size_t connections() const;
  [[nodiscard]] std::string metrics() const;  // Prometheus text, labelled with the server's name

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace footlight::http
