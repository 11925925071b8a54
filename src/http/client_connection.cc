#include "http/client_connection.h"

#include <sys/socket.h>

#include <array>

namespace footlight::http {
namespace {

constexpr size_t kReadSize = 64 << 10;
constexpr ParseLimits kAnswerLimits{.max_header = 64 << 10, .max_body = 64 << 20};

}  // namespace

ClientConnection::ClientConnection(boost::asio::io_context& io, UniqueFd socket, std::unique_ptr<Transport> transport,
                                   bool tls)
    : socket_(io, socket.release()), transport_(std::move(transport)), tls_(tls) {}

void ClientConnection::carry(std::shared_ptr<ClientJob> job) {
  job_ = std::move(job);
  parser_.emplace(kAnswerLimits, job_->request.method == "HEAD");
  sent_ = 0;
  if (phase_ == Phase::kConnecting) return wait_writable();
  send();
  wait_readable();  // an answer, or the end of a kept connection: never from inside the caller's request()
}

void ClientConnection::advance() {
  auto self = shared_from_this();
  if (phase_ == Phase::kConnecting) {
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return broke(ClientError::kConnect);
    phase_ = tls_ ? Phase::kHandshake : Phase::kReady;
  }
  if (phase_ == Phase::kHandshake) {
    IoResult r = transport_->handshake();
    if (r.status == IoStatus::kNeedRead) return wait_readable();
    if (r.status == IoStatus::kNeedWrite) return wait_writable();
    if (r.status != IoStatus::kDone) return broke(ClientError::kTls);
    phase_ = Phase::kReady;
  }
  if (phase_ != Phase::kReady) return;
  if (job_) send();
  if (phase_ == Phase::kReady) receive();
}

void ClientConnection::send() {
  const std::string& head = job_->head;
  const std::string& body = job_->request.body;
  while (sent_ < head.size() + body.size()) {
    std::array<iovec, 2> pieces{};
    size_t count = 0;
    if (sent_ < head.size()) pieces[count++] = {const_cast<char*>(head.data() + sent_), head.size() - sent_};
    size_t body_at = sent_ > head.size() ? sent_ - head.size() : 0;
    if (body_at < body.size()) pieces[count++] = {const_cast<char*>(body.data() + body_at), body.size() - body_at};
    IoResult r = transport_->write(std::span(pieces).first(count));
    if (r.status == IoStatus::kNeedWrite) return wait_writable();
    if (r.status == IoStatus::kNeedRead) return;
    // Not the end yet: a server may refuse a body and close while it still comes; its answer is there to read.
    if (r.status != IoStatus::kDone) return;
    sent_ += r.bytes;
  }
}

void ClientConnection::receive() {
  thread_local std::array<uint8_t, kReadSize> buffer;
  while (phase_ == Phase::kReady) {
    IoResult r = transport_->read(buffer);
    if (r.status == IoStatus::kNeedRead) return wait_readable();
    if (r.status == IoStatus::kNeedWrite) return wait_writable();
    if (!job_) return broke(ClientError::kClosed);  // a kept connection has nothing to say: it ended
    if (r.status == IoStatus::kEnd && parser_->end_of_stream()) return finish({parser_->take(), false, false});
    if (r.status != IoStatus::kDone) return broke(ClientError::kClosed);
    in_.append(as_text(ByteView(buffer).first(r.bytes)));
    auto used = parser_->feed(as_bytes(in_));
    if (!used) return broke(ClientError::kProtocol);
    in_.erase(0, *used);
    if (!parser_->done()) continue;
    bool all_sent = sent_ == job_->head.size() + job_->request.body.size();
    return finish({parser_->take(), false, parser_->keep_alive() && all_sent && in_.empty()});
  }
}

void ClientConnection::finish(Outcome outcome) {
  auto self = shared_from_this();
  auto job = std::exchange(job_, nullptr);
  used_before_ = true;
  if (!outcome.reusable) close();
  if (on_finished) on_finished(*this, std::move(job), std::move(outcome));
  if (idle()) wait_readable();  // to hear its end
}

void ClientConnection::broke(ClientError error) {
  auto self = shared_from_this();
  if (!job_) {
    close();
    if (on_idle_closed) on_idle_closed(*this);
    return;
  }
  bool may_send_again = used_before_ && error == ClientError::kClosed && !parser_->started();
  finish({unexpected(error), may_send_again, false});
}

void ClientConnection::close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void ClientConnection::wait_readable() {
  if (waiting_readable_ || phase_ == Phase::kClosed) return;
  waiting_readable_ = true;
  socket_.async_wait(socket_.wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    self->waiting_readable_ = false;
    if (!error) self->advance();
  });
}

void ClientConnection::wait_writable() {
  if (waiting_writable_ || phase_ == Phase::kClosed) return;
  waiting_writable_ = true;
  socket_.async_wait(socket_.wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
    self->waiting_writable_ = false;
    if (!error) self->advance();
  });
}

}  // namespace footlight::http
