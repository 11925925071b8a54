#pragma once
// Private to http/: one connection of a Client. Include only from http/*.cc.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "http/client.h"
#include "http/message_parser.h"
#include "http/transport.h"

namespace footlight::http {

// One request on its way, shared by the client's queue and the connection that carries it.
struct ClientJob {
  Request request;
  std::string head;  // the request line and fields as sent
  Client::Callback callback;
  Loop::Timer timeout;
  bool sent_again = false;
};

// Sends one job at a time and reads its answer. Owned by the client's list and by its own pending waits; loop thread
// only. It reports once per job through `on_finished`, or through `on_idle_closed` when it died without one.
class ClientConnection final : public std::enable_shared_from_this<ClientConnection> {
 public:
  struct Outcome {
    Result<Response, ClientError> result;
    bool may_send_again = false;  // a kept connection died before a byte of the answer
    bool reusable = false;
  };
  std::function<void(ClientConnection&, std::shared_ptr<ClientJob>, Outcome)> on_finished;
  std::function<void(ClientConnection&)> on_idle_closed;

  ClientConnection(boost::asio::io_context& io, UniqueFd socket, std::unique_ptr<Transport> transport, bool tls);
  void carry(std::shared_ptr<ClientJob> job);
  void close();
  [[nodiscard]] bool idle() const { return !job_ && phase_ == Phase::kReady; }
  [[nodiscard]] const std::shared_ptr<ClientJob>& job() const { return job_; }

 private:
  enum class Phase { kConnecting, kHandshake, kReady, kClosed };
  void advance();
  void send();
  void receive();
  void finish(Outcome outcome);
  void broke(ClientError error);
  void wait_readable();
  void wait_writable();

  boost::asio::posix::stream_descriptor socket_;
  std::unique_ptr<Transport> transport_;
  bool tls_;
  Phase phase_ = Phase::kConnecting;
  std::shared_ptr<ClientJob> job_;
  std::optional<ResponseParser> parser_;
  std::string in_;
  size_t sent_ = 0;
  bool used_before_ = false;
  bool waiting_readable_ = false, waiting_writable_ = false;
};

}  // namespace footlight::http
