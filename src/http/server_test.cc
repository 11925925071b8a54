#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "http/router.h"
#include "http/testing_live_server.h"

namespace footlight::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using std::chrono_literals::operator""s;

Handler echo() {
  return [](Request request, ExchangePtr exchange) {
    Response r;
    r.body = request.method + " " + request.target + " " + request.body;
    if (request.body_too_large) r.status = 413;
    exchange->respond(std::move(r));
  };
}

size_t count(std::string_view text, std::string_view piece) {
  size_t n = 0;
  for (size_t at = text.find(piece); at != std::string_view::npos; at = text.find(piece, at + piece.size())) ++n;
  return n;
}

TEST(Server, answers_a_request_and_keeps_the_connection) {
  LiveServer server({}, echo());
  RawPeer peer(server.port());
  peer.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string first = peer.read_until("GET /one ");
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(first, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(first, HasSubstr("\r\nDate: "));
  peer.forget();
  peer.send("POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_THAT(peer.read_until("body"), EndsWith("\r\n\r\nPOST /two body"));
}

TEST(Server, pipelined_requests_are_answered_in_order_even_when_the_first_takes_longer) {
  Loop::Timer timer;
  LiveServer* self = nullptr;
  LiveServer server({}, [&](Request request, ExchangePtr exchange) {
    auto answer = [exchange, target = request.target] { exchange->respond({.body = "<" + target + ">"}); };
    if (request.target == "/slow")
      timer = self->loop().after(Duration::millis(50), answer);
    else
      answer();
  });
  self = &server;
  RawPeer peer(server.port());
  peer.send(
      "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string all = peer.read_until("</b>");
  EXPECT_LT(all.find("</slow>"), all.find("</a>"));
  EXPECT_LT(all.find("</a>"), all.find("</b>"));
}

TEST(Server, request_that_arrives_byte_by_byte_is_understood) {
  LiveServer server({}, echo());
  RawPeer peer(server.port());
  for (char c : std::string(
           "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;e=1\r\nde\r\n0\r\n\r\n"))
    peer.send({&c, 1});
  EXPECT_THAT(peer.read_until("abcde"), EndsWith("PUT /x abcde"));
}

TEST(Server, head_is_answered_with_the_length_and_no_body) {
  LiveServer server({}, [](Request, ExchangePtr e) { e->respond({.body = "0123456789"}); });
  RawPeer peer(server.port());
  peer.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string all = peer.read_to_end();
  EXPECT_THAT(all, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(all, EndsWith("\r\n\r\n"));
}

TEST(Server, expect_100_continue_gets_its_interim_answer_before_the_body_is_sent) {
  LiveServer server({}, echo());
  RawPeer peer(server.port());
  peer.send("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("abc");
  EXPECT_THAT(peer.read_until("abc"), HasSubstr("HTTP/1.1 200 OK"));
}

TEST(Server, body_over_the_bound_reaches_the_handler_as_too_large_and_the_answer_is_not_lost) {
  LiveServer server({.max_body = 1000}, echo());
  RawPeer peer(server.port());
  peer.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
  peer.send(std::string(200'000, 'x'));  // still sending while the answer comes
  std::string all = peer.read_to_end();
  EXPECT_THAT(all, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
}

TEST(Server, chunked_body_over_the_bound_is_too_large_too) {
  LiveServer server({.max_body = 10}, echo());
  RawPeer peer(server.port());
  peer.send(
      "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n");
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, header_over_the_bound_is_431_and_the_end) {
  LiveServer server({.max_header = 1024}, echo());
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\nCookie: " + std::string(4000, 'c') + "\r\n\r\n");
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 431 "));
}

TEST(Server, what_is_not_http_is_400_and_the_end) {
  LiveServer server({}, echo());
  for (std::string_view bad :
       {"\x16\x03\x01\x02\x00\x01\x00\x01", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET /\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    RawPeer peer(server.port());
    peer.send(bad);
    EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 400 ")) << bad;
  }
  RawPeer peer(server.port());
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 501 "));
}

TEST(Server, peer_that_stays_silent_in_the_middle_of_a_request_is_told_408) {
  LiveServer server({.request_timeout = Duration::millis(100)}, echo());
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHos");
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST(Server, idle_connection_is_closed_without_a_word) {
  LiveServer server({.idle_timeout = Duration::millis(50)}, echo());
  RawPeer peer(server.port());
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST(Server, half_closed_peer_still_gets_its_answer) {
  Loop::Timer timer;
  LiveServer* self = nullptr;
  LiveServer server({}, [&](Request, ExchangePtr e) {
    timer = self->loop().after(Duration::millis(50), [e] { e->respond({.body = "late"}); });
  });
  self = &server;
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.end_writing();
  EXPECT_THAT(peer.read_to_end(), EndsWith("late"));
}

TEST(Server, handler_hears_that_the_peer_of_a_stream_vanished) {
  std::promise<void> closed;
  ExchangePtr kept;
  LiveServer server({}, [&](Request, ExchangePtr e) {
    e->start({});
    e->write("first");
    e->on_closed([&] { closed.set_value(); });
    kept = e;
  });
  {
    RawPeer peer(server.port());
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(peer.read_until("first"), HasSubstr("Transfer-Encoding: chunked\r\n"));
  }
  EXPECT_EQ(closed.get_future().wait_for(5s), std::future_status::ready);
  server.on_loop([&] { kept->write("to nobody"); });
}

TEST(Server, stream_is_chunked_and_the_connection_lives_on_after_it) {
  LiveServer server({}, [&](Request, ExchangePtr e) {
    e->start({});
    e->write("hello");
    e->write("world!");
    e->finish();
  });
  RawPeer peer(server.port());
  for (int i = 0; i < 2; ++i) {
    peer.forget();
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(peer.read_until("0\r\n\r\n"), EndsWith("5\r\nhello\r\n6\r\nworld!\r\n0\r\n\r\n"));
  }
}

TEST(Server, stream_reader_that_takes_nothing_is_cut_at_the_bound) {
  std::promise<void> closed;
  std::promise<ExchangePtr> started;
  LiveServer server({}, [&](Request, ExchangePtr e) {
    e->start({});
    e->on_closed([&] { closed.set_value(); });
    started.set_value(e);
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ExchangePtr e = started.get_future().get();
  // Kernel buffers of both ends take some MiB first.
  for (int i = 0; i < 400; ++i) server.on_loop([&] { e->write(std::string(64 << 10, 'x')); });
  EXPECT_EQ(closed.get_future().wait_for(5s), std::future_status::ready);
}

TEST(Server, slow_reader_of_a_big_shared_body_gets_all_of_it) {
  auto big = std::make_shared<const std::string>(std::string(20 << 20, 'b'));
  LiveServer server({}, [&](Request, ExchangePtr e) {
    Response r;
    r.shared_body = big;
    e->respond(std::move(r));
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string all = peer.read_to_end();
  EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, big->size());
}

TEST(Server, exchange_dropped_without_an_answer_is_500) {
  LiveServer server({}, [](Request, ExchangePtr) {});
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(peer.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
}

TEST(Server, second_answer_to_one_request_is_dropped) {
  LiveServer server({}, [](Request, ExchangePtr e) {
    e->respond({.body = "one"});
    e->respond({.body = "two"});
    e->write("three");
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(peer.read_to_end(), EndsWith("\r\n\r\none"));
}

TEST(Server, header_value_cannot_split_the_answer) {
  LiveServer server({}, [](Request, ExchangePtr e) {
    Response r;
    r.headers.set("Location", "/x\r\nSet-Cookie: evil=1");
    e->respond(std::move(r));
  });
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(peer.read_to_end(), Not(HasSubstr("\nSet-Cookie")));
}

TEST(Server, http_1_0_is_answered_and_closed) {
  LiveServer server({}, echo());
  RawPeer peer(server.port());
  peer.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_THAT(peer.read_to_end(), EndsWith("GET /old "));
}

TEST(Server, absolute_form_is_served_as_its_path_with_its_host) {
  LiveServer server(
      {}, [](Request r, ExchangePtr e) { e->respond({.body = std::string(*r.headers.get("Host")) + "|" + r.target}); });
  RawPeer peer(server.port());
  peer.send("GET http://example.org/p?q=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(peer.read_to_end(), EndsWith("example.org|/p?q=1"));
}

TEST(Server, drain_lets_the_running_exchange_end_and_closes_the_idle) {
  ExchangePtr held;
  std::promise<void> arrived, drained;
  LiveServer server({}, [&](Request, ExchangePtr e) {
    held = std::move(e);
    arrived.set_value();
  });
  RawPeer idle(server.port()), busy(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  arrived.get_future().wait();
  server.on_loop([&] { server.server().drain(Duration::seconds(5), [&] { drained.set_value(); }); });
  EXPECT_EQ(idle.read_to_end(), "");
  idle.close();
  server.on_loop([&] { held->respond({.body = "done"}); });
  std::string all = busy.read_to_end();
  EXPECT_THAT(all, HasSubstr("Connection: close"));
  EXPECT_THAT(all, EndsWith("done"));
  busy.close();
  EXPECT_EQ(drained.get_future().wait_for(3s), std::future_status::ready);
}

TEST(Server, drain_ends_at_its_limit_although_a_stream_goes_on) {
  ExchangePtr held;
  std::promise<void> arrived, drained;
  LiveServer server({}, [&](Request, ExchangePtr e) {
    e->start({});
    held = std::move(e);
    arrived.set_value();
  });
  RawPeer busy(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  arrived.get_future().wait();
  server.on_loop([&] { server.server().drain(Duration::millis(50), [&] { drained.set_value(); }); });
  EXPECT_EQ(drained.get_future().wait_for(3s), std::future_status::ready);
}

TEST(Server, connections_over_the_bound_wait_in_the_backlog) {
  LiveServer server({.max_connections = 1}, echo());
  RawPeer first(server.port()), second(server.port());
  first.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  first.read_until("GET /1");
  second.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  first.close();
  EXPECT_THAT(second.read_until("GET /2"), HasSubstr("GET /2"));
}

TEST(Server, many_pipelined_requests_do_not_grow_the_buffer_beyond_its_bound) {
  std::atomic<int> handled = 0;
  LiveServer server({}, [&](Request, ExchangePtr e) {
    ++handled;
    e->respond({.status = 204});
  });
  RawPeer peer(server.port());
  std::string one = "GET / HTTP/1.1\r\nHost: x\r\n\r\n", all;
  for (int i = 0; i < 5000; ++i) all += one;
  std::thread sender([&] { peer.send(all); });
  std::string seen;
  while (count(seen, "204 No Content") < 5000) {
    size_t before = seen.size();
    seen += peer.read_until("\r\n\r\n");
    peer.forget();
    if (seen.size() == before) break;
  }
  sender.join();
  EXPECT_EQ(count(seen, "204 No Content"), 5000u);
  EXPECT_EQ(handled, 5000);
}

}  // namespace
}  // namespace footlight::http
