#pragma once
#include <string>

#include "http/message.h"

namespace footlight::http {

// What the connection knows and the handler does not.
struct HeadContext {
  bool close = false;     // announce that the connection ends
  bool http_1_0 = false;  // the peer speaks HTTP/1.0: say keep-alive, never chunk
  bool to_head = false;   // the request was HEAD: lengths as for GET, no body
  bool streamed = false;  // body of unknown length
};

// Status line and fields with the empty line (RFC 9112 §4). Content-Length, Date, Server, Connection and
// Transfer-Encoding are set here. Control characters in a handler's values become spaces: no response splitting.
[[nodiscard]] std::string build_response_head(const Response& response, HeadContext context);
[[nodiscard]] bool has_no_body(int status);  // 1xx, 204, 304 (RFC 9110 §6.4.1)

// Request line and fields; Content-Length for a body or a method that usually has one.
[[nodiscard]] std::string build_request_head(const Request& request);

}  // namespace footlight::http
