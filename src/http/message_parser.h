#pragma once
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "http/message.h"

namespace footlight::http {

enum class ParseFault { kMalformed, kHeaderTooLarge, kUnsupportedCoding };

struct ParseLimits {
  size_t max_header = 16 << 10;  // bytes of start line and fields, each
  size_t max_body = 1 << 20;     // bytes
};

// One HTTP/1.1 request out of a stream of bytes (RFC 9112), without I/O. Feed it what has arrived; it takes what it
// can use and wants the rest again, with more behind it. A body beyond the limit ends the parse early: too_large(),
// and the connection cannot be used for another request. Stricter than the RFC asks: Content-Length together with
// Transfer-Encoding, codings other than "chunked", a missing or second Host are faults (request smuggling).
class RequestParser {
 public:
  explicit RequestParser(ParseLimits limits);
  ~RequestParser();
  [[nodiscard]] Result<size_t, ParseFault> feed(ByteView bytes);  // bytes taken
  [[nodiscard]] bool started() const;                             // a byte of the request was taken
  [[nodiscard]] bool header_done() const;
  [[nodiscard]] bool done() const;  // complete, or too large
  [[nodiscard]] bool too_large() const;
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool http_1_0() const;
  [[nodiscard]] Request take();

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

// The same for one response on the client's side; interim 1xx responses are skipped.
class ResponseParser {
 public:
  ResponseParser(ParseLimits limits, bool answer_to_head);
  ~ResponseParser();
  [[nodiscard]] Result<size_t, ParseFault> feed(ByteView bytes);
  [[nodiscard]] bool started() const;
  [[nodiscard]] bool done() const;
  [[nodiscard]] bool keep_alive() const;
  // The peer closed: true when that legally ends the body (no length was given).
  [[nodiscard]] bool end_of_stream();
  [[nodiscard]] Response take();

 private:
  struct Machine;
  void renew();
  ParseLimits limits_;
  bool answer_to_head_;
  std::unique_ptr<Machine> machine_;
};

}  // namespace footlight::http
