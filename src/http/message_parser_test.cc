#include "http/message_parser.h"

#include <gtest/gtest.h>

namespace footlight::http {
namespace {

// As Chromium 156 sent it.
constexpr std::string_view kChromium =
    "POST /whip/demo?source=screen HTTP/1.1\r\n"
    "Host: 127.0.0.1:8080\r\n"
    "Connection: keep-alive\r\n"
    "Content-Length: 6\r\n"
    "Authorization: Bearer abc\r\n"
    "Content-Type: application/sdp\r\n"
    "Accept: */*\r\n"
    "Origin: http://127.0.0.1:8080\r\n"
    "\r\n"
    "v=0\r\n\n";

TEST(RequestParser, captured_request_is_read_whole) {
  RequestParser parser({});
  EXPECT_EQ(parser.feed(as_bytes(kChromium)), kChromium.size());
  ASSERT_TRUE(parser.done());
  EXPECT_TRUE(parser.keep_alive());
  Request r = parser.take();
  EXPECT_EQ(r.method, "POST");
  EXPECT_EQ(r.path(), "/whip/demo");
  EXPECT_EQ(r.query_value("source"), "screen");
  EXPECT_EQ(r.headers.get("authorization"), "Bearer abc");
  EXPECT_EQ(r.body, "v=0\r\n\n");
}

TEST(RequestParser, truncated_at_every_length_it_waits_for_more) {
  for (size_t size = 0; size < kChromium.size(); ++size) {
    RequestParser parser({});
    auto used = parser.feed(as_bytes(kChromium.substr(0, size)));
    ASSERT_TRUE(used.has_value()) << size;
    ASSERT_FALSE(parser.done()) << size;
    ASSERT_EQ(parser.feed(as_bytes(kChromium.substr(*used))), kChromium.size() - *used) << size;
    ASSERT_TRUE(parser.done()) << size;
  }
}

TEST(RequestParser, bytes_of_the_next_request_are_left_alone) {
  RequestParser parser({});
  std::string_view two = "\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n";
  EXPECT_EQ(parser.feed(as_bytes(two)), two.find("GET /2"));
  EXPECT_TRUE(parser.done());
}

TEST(RequestParser, trailer_fields_are_not_taken_for_header_fields) {
  RequestParser parser({});
  ASSERT_TRUE(
      parser.feed(as_bytes("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "1\r\nx\r\n0\r\nAuthorization: Bearer forged\r\n\r\n")));
  ASSERT_TRUE(parser.done());
  EXPECT_EQ(parser.take().headers.get("Authorization"), std::nullopt);
}

TEST(RequestParser, chunk_line_without_end_is_refused_at_a_bound) {
  RequestParser parser({});
  std::string head = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_EQ(parser.feed(as_bytes(head)), head.size());
  EXPECT_EQ(parser.feed(as_bytes("1;" + std::string(200'000, 'e'))), unexpected(ParseFault::kHeaderTooLarge));
}

TEST(ResponseParser, interim_answers_are_skipped) {
  ResponseParser parser({}, false);
  ASSERT_TRUE(parser.feed(as_bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx")));
  ASSERT_TRUE(parser.done());
  EXPECT_EQ(parser.take().status, 201);
}

TEST(ResponseParser, body_without_a_length_ends_with_the_stream) {
  ResponseParser parser({}, false);
  ASSERT_TRUE(parser.feed(as_bytes("HTTP/1.1 200 OK\r\n\r\nall of it")));
  EXPECT_FALSE(parser.done());
  EXPECT_TRUE(parser.end_of_stream());
  EXPECT_EQ(parser.take().body, "all of it");
}

TEST(ResponseParser, body_cut_short_is_not_complete) {
  ResponseParser parser({}, false);
  ASSERT_TRUE(parser.feed(as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")));
  EXPECT_FALSE(parser.end_of_stream());
}

}  // namespace
}  // namespace footlight::http
