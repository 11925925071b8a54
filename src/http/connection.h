#pragma once
// Private to http/: one accepted connection of a Server. Include only from http/*.cc.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "base/units.h"
#include "http/message_parser.h"
#include "http/metrics.h"
#include "http/server.h"
#include "http/transport.h"

namespace footlight::http {

class Connection;

// What connections need of their server; it outlives none of them: detach() comes first.
struct ConnectionOwner {
  virtual ~ConnectionOwner() = default;
  virtual void on_connection_closed(Connection& connection) = 0;
  ServerOptions options;
  Handler handler;
  ServerCounters counters;
  bool draining = false;
};

// One connection from accept to close: reads a request, runs the handler, writes the answer, and so on (RFC 9112
// §9.3). Owned by the server's set and by its own pending waits; loop thread only. One request is handled at a time,
// later ones wait in the input buffer, so answers keep their order. Every wait has a deadline except the handler's.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ConnectionOwner& owner, boost::asio::io_context& io, UniqueFd socket, std::unique_ptr<Transport> transport,
             bool tls, std::string peer);
  void begin();
  void drain();   // ends after the present exchange, or now when idle
  void close();   // now; an open exchange hears on_closed
  void detach();  // the server is going: close, and run nothing of anybody's any more

  // The exchange's side. `serial` names the request, so that answers to a finished one are dropped.
  void respond(uint64_t serial, Response response);
  void start_stream(uint64_t serial, const Response& head);
  void write_stream(uint64_t serial, std::string chunk);
  void finish_stream(uint64_t serial);
  void set_on_closed(uint64_t serial, std::function<void()> fn);
  void on_dropped(uint64_t serial);

 private:
  enum class Phase { kHandshake, kReading, kHandling, kFlushing, kLingering, kClosed };
  struct Piece {
    std::string owned;
    std::shared_ptr<const std::string> shared;
    [[nodiscard]] std::string_view view() const { return shared ? std::string_view(*shared) : std::string_view(owned); }
  };

  void on_readable();
  void on_bytes(ByteView bytes);
  void on_end_of_input();
  void handshake();
  void process_input();
  void dispatch();
  void refuse(ParseFault fault);
  void queue(std::string bytes);
  void queue(std::shared_ptr<const std::string> bytes);
  void flush();
  void consume_output(size_t bytes);
  void answer_complete();
  void next_request();
  void linger();
  void wait_readable();
  void wait_writable();
  void set_deadline(Duration in);
  void arm_timer();
  void on_deadline();
  [[nodiscard]] bool open(uint64_t serial) const { return phase_ == Phase::kHandling && serial == serial_; }

  ConnectionOwner* owner_;
  boost::asio::posix::stream_descriptor socket_;
  std::unique_ptr<Transport> transport_;
  boost::asio::steady_timer timer_;
  std::string peer_;
  bool tls_;
  Phase phase_ = Phase::kReading;

  std::string in_;
  std::optional<RequestParser> parser_;
  bool continue_sent_ = false;
  bool processing_ = false;
  bool peer_ended_ = false;

  uint64_t serial_ = 0;
  bool keep_alive_ = true, http_1_0_ = false, to_head_ = false, streaming_ = false;
  std::function<void()> on_closed_;

  std::deque<Piece> out_;
  size_t out_at_ = 0;     // bytes of out_.front() already sent
  size_t out_bytes_ = 0;  // waiting in all
  bool waiting_readable_ = false, waiting_writable_ = false;
  std::optional<Timestamp> deadline_, timer_at_;
};

}  // namespace footlight::http
