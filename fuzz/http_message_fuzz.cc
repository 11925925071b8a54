// rooms: http
// Bytes of a peer into the server's and the client's parser, in pieces of a size that the first byte chooses: what is
// understood may not depend on where the stream was cut.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "http/message_parser.h"

namespace {

using footlight::ByteView;
namespace http = footlight::http;

constexpr http::ParseLimits kLimits{.max_header = 512, .max_body = 256};

std::optional<http::Request> read_request(ByteView bytes, size_t step) {
  http::RequestParser parser(kLimits);
  size_t taken = 0;
  for (size_t arrived = 0; arrived < bytes.size() && !parser.done();) {
    arrived = std::min(bytes.size(), arrived + step);
    auto used = parser.feed(bytes.subspan(taken, arrived - taken));
    if (!used) return std::nullopt;
    if (*used > arrived - taken) std::abort();
    taken += *used;
  }
  if (!parser.done()) return std::nullopt;
  return parser.take();
}

void read_response(ByteView bytes, size_t step) {
  http::ResponseParser parser(kLimits, false);
  size_t taken = 0;
  for (size_t arrived = 0; arrived < bytes.size() && !parser.done();) {
    arrived = std::min(bytes.size(), arrived + step);
    auto used = parser.feed(bytes.subspan(taken, arrived - taken));
    if (!used) return;
    taken += *used;
  }
  if (parser.done() || parser.end_of_stream()) (void)parser.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  ByteView bytes(data + 1, size - 1);
  size_t step = 1 + data[0] % 64;
  auto whole = read_request(bytes, bytes.size()), pieces = read_request(bytes, step);
  if (whole && pieces && (whole->target != pieces->target || whole->method != pieces->method)) std::abort();
  if (whole) {
    (void)whole->query_value("a");
    if (whole->body.size() > kLimits.max_body) std::abort();
  }
  read_response(bytes, step);
  return 0;
}
