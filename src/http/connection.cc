#include "http/connection.h"

#include <fmt/core.h>

#include <array>
#include <chrono>

#include "base/clock.h"
#include "base/log.h"
#include "http/response_head.h"
#include "http/router.h"
#include "http/server_exchange.h"

namespace footlight::http {
namespace {

constexpr Logger kLog("http");
constexpr size_t kReadSize = 64 << 10;                       // one read; the buffer is a thread's, not a connection's
constexpr size_t kPipelineBound = 64 << 10;                  // unread requests kept behind the one being handled
constexpr size_t kStreamBound = 1 << 20;                     // Exchange::write's promise (server.h)
constexpr size_t kGather = 16;                               // pieces a sendmsg
constexpr int kReadsPerWake = 4;                             // then other connections get their turn
constexpr Duration kHalfClosedGrace = Duration::seconds(2);  // to answer a peer that ended its side after asking
constexpr Duration kLingerTime = Duration::seconds(2);     // RFC 9112 §9.6: close in stages, so the answer is not lost
constexpr Duration kStallTimeout = Duration::seconds(30);  // a peer that takes no byte of its answer

}  // namespace

Connection::Connection(ConnectionOwner& owner, boost::asio::io_context& io, UniqueFd socket,
                       std::unique_ptr<Transport> transport, bool tls, std::string peer)
    : owner_(&owner),
      socket_(io, socket.release()),
      transport_(std::move(transport)),
      timer_(io),
      peer_(std::move(peer)),
      tls_(tls) {}

void Connection::begin() {
  if (!tls_) {
    set_deadline(owner_->options.idle_timeout);
    return on_readable();  // the request is often there already
  }
  phase_ = Phase::kHandshake;
  set_deadline(owner_->options.request_timeout);
  handshake();
}

void Connection::handshake() {
  IoResult r = transport_->handshake();
  switch (r.status) {
    case IoStatus::kDone:
      phase_ = Phase::kReading;
      set_deadline(owner_->options.idle_timeout);
      return on_readable();
    case IoStatus::kNeedRead:
      return wait_readable();
    case IoStatus::kNeedWrite:
      return wait_writable();
    default:
      return close();
  }
}

// --- reading

void Connection::on_readable() {
  if (phase_ == Phase::kHandshake) return handshake();
  thread_local std::array<uint8_t, kReadSize> buffer;
  auto self = shared_from_this();
  for (int round = 0; round < kReadsPerWake; ++round) {
    if (phase_ == Phase::kClosed || peer_ended_) return;
    if (phase_ != Phase::kReading && in_.size() >= kPipelineBound) return;  // next_request() waits again
    IoResult r = transport_->read(buffer);
    if (r.status == IoStatus::kNeedRead) break;
    if (r.status == IoStatus::kNeedWrite) return wait_writable();
    if (r.status == IoStatus::kBroken) return close();
    if (r.status == IoStatus::kEnd) return on_end_of_input();
    on_bytes(ByteView(buffer).first(r.bytes));
  }
  if (phase_ != Phase::kClosed && !peer_ended_) wait_readable();
}

void Connection::on_bytes(ByteView bytes) {
  if (phase_ == Phase::kLingering) return;  // discarded
  in_.append(as_text(bytes));
  if (phase_ == Phase::kReading) process_input();
}

void Connection::on_end_of_input() {
  peer_ended_ = true;
  if (phase_ == Phase::kReading || phase_ == Phase::kLingering || streaming_) return close();
  // Half-closed: a client may say "no more requests" and still wait for this answer; one that vanished looks the same.
  if (phase_ == Phase::kHandling) set_deadline(kHalfClosedGrace);
}

void Connection::process_input() {
  if (processing_) return;
  processing_ = true;
  auto self = shared_from_this();
  while (phase_ == Phase::kReading && (!in_.empty() || parser_)) {
    if (!parser_) {
      parser_.emplace(ParseLimits{owner_->options.max_header, owner_->options.max_body});
      continue_sent_ = false;
    }
    bool fresh = !parser_->started();
    auto used = parser_->feed(as_bytes(in_));
    if (!used) {
      refuse(used.error());
      break;
    }
    in_.erase(0, *used);
    if (parser_->done()) {
      dispatch();
      continue;
    }
    if (fresh && (parser_->started() || !in_.empty())) set_deadline(owner_->options.request_timeout);
    if (parser_->header_done() && parser_->expects_continue() && !continue_sent_) {
      continue_sent_ = true;
      queue(std::string("HTTP/1.1 100 Continue\r\n\r\n"));
      flush();
    }
    break;
  }
  if (in_.empty()) std::string().swap(in_);
  processing_ = false;
}

void Connection::dispatch() {
  http_1_0_ = parser_->http_1_0();
  keep_alive_ = parser_->keep_alive() && !owner_->draining;
  Request request = parser_->take();
  parser_.reset();
  request.tls = tls_;
  request.peer = peer_;
  to_head_ = request.method == "HEAD";
  streaming_ = false;
  phase_ = Phase::kHandling;
  deadline_.reset();
  auto exchange = make_server_exchange(weak_from_this(), ++serial_);
  try {
    owner_->handler(std::move(request), exchange);
  } catch (const std::exception& e) {
    // A handler's bug costs this request; the dropped exchange answers 500.
    kLog.error("handler failed", {{"server", owner_->options.name}, {"reason", e.what()}});
  }
}

void Connection::refuse(ParseFault fault) {
  ++owner_->counters.bad_requests;
  parser_.reset();
  in_.clear();
  phase_ = Phase::kHandling;
  keep_alive_ = to_head_ = streaming_ = false;
  ++serial_;
  switch (fault) {
    case ParseFault::kHeaderTooLarge:
      return respond(serial_, problem(431, "The request's header fields are larger than this server accepts."));
    case ParseFault::kUnsupportedCoding:
      return respond(serial_, problem(501, "The only transfer coding understood here is chunked."));
    case ParseFault::kMalformed:
      return respond(serial_, problem(400, "This is not a well-formed HTTP/1.1 request."));
  }
}

// --- answering

void Connection::respond(uint64_t serial, Response response) {
  if (!open(serial) || streaming_) return;
  queue(build_response_head(response, {!keep_alive_ || owner_->draining, http_1_0_, to_head_, false}));
  ++owner_->counters.answers_by_class[static_cast<size_t>(response.status / 100 % 6)];
  if (owner_->draining) keep_alive_ = false;
  if (!to_head_ && !has_no_body(response.status)) {
    if (response.shared_body)
      queue(std::move(response.shared_body));
    else if (!response.body.empty())
      queue(std::move(response.body));
  }
  answer_complete();
}

void Connection::start_stream(uint64_t serial, const Response& head) {
  if (!open(serial) || streaming_) return;
  if (http_1_0_) keep_alive_ = false;  // the end of the connection is the end of the body
  queue(build_response_head(head, {!keep_alive_, http_1_0_, to_head_, true}));
  ++owner_->counters.answers_by_class[static_cast<size_t>(head.status / 100 % 6)];
  if (to_head_) return answer_complete();
  streaming_ = true;
  if (peer_ended_) return close();
  flush();
}

void Connection::write_stream(uint64_t serial, std::string chunk) {
  if (!open(serial) || !streaming_ || chunk.empty()) return;
  if (http_1_0_) {
    queue(std::move(chunk));
  } else {
    queue(fmt::format("{:x}\r\n", chunk.size()));
    queue(std::move(chunk));
    queue(std::string("\r\n"));
  }
  flush();
  if (phase_ == Phase::kClosed || out_bytes_ <= kStreamBound) return;
  ++owner_->counters.slow_peers;
  close();
}

void Connection::finish_stream(uint64_t serial) {
  if (!open(serial) || !streaming_) return;
  if (!http_1_0_) queue(std::string("0\r\n\r\n"));
  answer_complete();
}

void Connection::set_on_closed(uint64_t serial, std::function<void()> fn) {
  if (open(serial)) on_closed_ = std::move(fn);
}

void Connection::on_dropped(uint64_t serial) {
  if (!open(serial)) return;
  if (streaming_) return close();  // cut short, and the peer can tell
  respond(serial, problem(500, "This request was not answered: a fault in the server."));
}

void Connection::answer_complete() {
  phase_ = Phase::kFlushing;
  streaming_ = false;
  auto forget = std::exchange(on_closed_, nullptr);  // may own the exchange: let go of it only after the phase moved on
  flush();
}

void Connection::queue(std::string bytes) {
  out_bytes_ += bytes.size();
  out_.push_back({std::move(bytes), nullptr});
}

void Connection::queue(std::shared_ptr<const std::string> bytes) {
  if (bytes->empty()) return;
  out_bytes_ += bytes->size();
  out_.push_back({{}, std::move(bytes)});
}

void Connection::flush() {
  auto self = shared_from_this();
  while (!out_.empty()) {
    std::array<iovec, kGather> pieces{};
    size_t count = 0;
    for (const Piece& piece : out_) {
      if (count == kGather) break;
      std::string_view bytes = piece.view().substr(count == 0 ? out_at_ : 0);
      pieces[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
    }
    IoResult r = transport_->write(std::span(pieces).first(count));
    if (r.status == IoStatus::kNeedWrite || r.status == IoStatus::kNeedRead) {
      if (!deadline_) set_deadline(kStallTimeout);
      return r.status == IoStatus::kNeedWrite ? wait_writable() : wait_readable();
    }
    if (r.status != IoStatus::kDone) return close();
    consume_output(r.bytes);
    if (phase_ == Phase::kFlushing || streaming_) deadline_.reset();
  }
  if (phase_ == Phase::kFlushing) next_request();
}

void Connection::consume_output(size_t bytes) {
  out_bytes_ -= bytes;
  while (bytes > 0) {
    size_t left = out_.front().view().size() - out_at_;
    if (bytes < left) {
      out_at_ += bytes;
      return;
    }
    bytes -= left;
    out_at_ = 0;
    out_.pop_front();
  }
}

void Connection::next_request() {
  if (!keep_alive_) return linger();
  if (peer_ended_ && in_.empty()) return close();
  phase_ = Phase::kReading;
  set_deadline(owner_->options.idle_timeout);
  if (processing_) return;  // the loop there goes on
  process_input();
  if (phase_ == Phase::kReading && peer_ended_) return close();
  if (phase_ != Phase::kClosed) wait_readable();
}

// --- ending

void Connection::linger() {
  if (peer_ended_) return close();
  phase_ = Phase::kLingering;
  in_.clear();
  transport_->end_writing();
  set_deadline(kLingerTime);
  wait_readable();
}

void Connection::drain() {
  keep_alive_ = false;
  if (phase_ == Phase::kHandshake) return close();
  if (phase_ == Phase::kReading && in_.empty() && !(parser_ && parser_->started())) linger();
}

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  auto self = shared_from_this();
  phase_ = Phase::kClosed;
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  out_.clear();
  auto heard = std::exchange(on_closed_, nullptr);
  if (owner_ == nullptr) return;
  ConnectionOwner* owner = std::exchange(owner_, nullptr);
  if (heard) heard();
  owner->on_connection_closed(*this);
}

void Connection::detach() {
  owner_ = nullptr;
  close();
}

// --- waits and deadlines

void Connection::wait_readable() {
  if (waiting_readable_ || phase_ == Phase::kClosed || peer_ended_) return;
  waiting_readable_ = true;
  socket_.async_wait(socket_.wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    self->waiting_readable_ = false;
    if (error || self->phase_ == Phase::kClosed) return;
    self->on_readable();
    if (!self->out_.empty() && !self->waiting_writable_ && self->phase_ != Phase::kClosed) self->flush();
  });
}

void Connection::wait_writable() {
  if (waiting_writable_ || phase_ == Phase::kClosed) return;
  waiting_writable_ = true;
  socket_.async_wait(socket_.wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
    self->waiting_writable_ = false;
    if (error || self->phase_ == Phase::kClosed) return;
    if (self->phase_ == Phase::kHandshake) return self->handshake();
    self->flush();
    if (self->phase_ == Phase::kReading) self->on_readable();
  });
}

void Connection::set_deadline(Duration in) {
  deadline_ = SystemClock::get().now() + in;
  if (!timer_at_ || *deadline_ < *timer_at_) arm_timer();
}

// Deadlines mostly move away: the timer is let run and looks again, instead of being set anew for each request.
void Connection::arm_timer() {
  timer_at_ = deadline_;
  timer_.expires_after(std::chrono::microseconds((*deadline_ - SystemClock::get().now()).us()));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (error || !self || self->phase_ == Phase::kClosed) return;
    self->timer_at_.reset();
    if (!self->deadline_) return;
    if (SystemClock::get().now() < *self->deadline_) return self->arm_timer();
    self->on_deadline();
  });
}

void Connection::on_deadline() {
  deadline_.reset();
  bool mid_request = phase_ == Phase::kReading && parser_ && (parser_->started() || !in_.empty());
  if (!mid_request) {
    if (!out_.empty()) ++owner_->counters.slow_peers;
    return close();
  }
  parser_.reset();
  in_.clear();
  phase_ = Phase::kHandling;
  keep_alive_ = to_head_ = false;
  ++owner_->counters.slow_peers;
  respond(++serial_, problem(408, "The request did not arrive in time."));
}

}  // namespace footlight::http
