#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/un.h>

#include <chrono>
#include <filesystem>

#include "base/random.h"
#include "http/testing_live_server.h"

namespace footlight::http {
namespace {

using std::chrono_literals::operator""s;
using Answer = Result<Response, ClientError>;

// A client on its own loop thread; ask() waits for the answer.
class LiveClient {
 public:
  explicit LiveClient(std::string endpoint, size_t max = 8)
      : client_(std::make_unique<Client>(loop_, std::move(endpoint), max)), thread_([this] { loop_.run(); }) {}
  ~LiveClient() {
    std::promise<void> gone;
    loop_.post([&] {
      client_.reset();
      gone.set_value();
    });
    gone.get_future().wait();
    loop_.stop();
    thread_.join();
  }
  std::future<Answer> send(Request request, Duration timeout = Duration::seconds(5)) {
    auto promise = std::make_shared<std::promise<Answer>>();
    loop_.post([this, promise, timeout, request = std::move(request)]() mutable {
      client_->request(std::move(request), timeout, [promise](Answer a) { promise->set_value(std::move(a)); });
    });
    return promise->get_future();
  }
  Answer ask(Request request, Duration timeout = Duration::seconds(5)) {
    return send(std::move(request), timeout).get();
  }

 private:
  Loop loop_;
  std::unique_ptr<Client> client_;
  std::thread thread_;
};

Handler echo() {
  return [](Request request, ExchangePtr exchange) {
    exchange->respond({.body = request.method + " " + request.target + " " + request.body});
  };
}

TEST(Client, asks_and_hears) {
  LiveServer server({}, echo());
  LiveClient client(server.endpoint());
  auto answer = client.ask({.method = "PUT", .target = "/x", .body = "hello"});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "PUT /x hello");
}

TEST(Client, keeps_its_connection_between_requests) {
  std::set<std::string> peers;
  LiveServer server({}, [&](Request r, ExchangePtr e) {
    peers.insert(r.peer);
    e->respond({.status = 204});
  });
  LiveClient client(server.endpoint());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.ask({}).value().status, 204);
  EXPECT_EQ(peers.size(), 1u);
}

TEST(Client, connection_that_died_while_idle_costs_no_request) {
  uint16_t port = 0;
  auto first = std::make_unique<LiveServer>(ServerOptions{}, echo());
  port = first->port();
  LiveClient client(first->endpoint());
  EXPECT_TRUE(client.ask({.target = "/1"}).has_value());
  first.reset();
  LiveServer second({}, echo(), port);
  EXPECT_EQ(client.ask({.target = "/2"}).value().body, "GET /2 ");
}

TEST(Client, server_that_closes_a_kept_connection_instead_of_answering_is_asked_once_more) {
  uint16_t port = 0;
  UniqueFd listener = listen_on_loopback(port);
  std::thread server([&] {
    auto read_request = [](int fd) {
      char buffer[4096];
      std::string seen;
      while (seen.find("\r\n\r\n") == std::string::npos) {
        ssize_t n = ::recv(fd, buffer, sizeof(buffer), 0);
        if (n <= 0) return;
        seen.append(buffer, static_cast<size_t>(n));
      }
    };
    std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    UniqueFd first(::accept(listener.get(), nullptr, nullptr));
    read_request(first.get());
    (void)!::send(first.get(), answer.data(), answer.size(), 0);
    read_request(first.get());  // the second request comes here, and dies
    first.reset();
    UniqueFd second(::accept(listener.get(), nullptr, nullptr));
    read_request(second.get());
    (void)!::send(second.get(), answer.data(), answer.size(), 0);
    read_request(second.get());
  });
  {
    LiveClient client("127.0.0.1:" + std::to_string(port));
    EXPECT_EQ(client.ask({}).value().body, "ok");
    EXPECT_EQ(client.ask({}).value().body, "ok");
  }
  server.join();
}

TEST(Client, nobody_listening_is_kConnect) {
  uint16_t port = 0;
  listen_on_loopback(port);  // and closed again
  LiveClient client("127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(client.ask({}).error(), ClientError::kConnect);
  LiveClient nowhere("unix:/nonexistent/socket");
  EXPECT_EQ(nowhere.ask({}).error(), ClientError::kConnect);
  LiveClient unreadable("not an endpoint");
  EXPECT_EQ(unreadable.ask({}).error(), ClientError::kConnect);
}

TEST(Client, silence_is_kTimeout_and_the_next_request_is_not_disturbed) {
  std::vector<ExchangePtr> held;
  LiveServer server({}, [&](Request r, ExchangePtr e) {
    if (r.target == "/silent")
      held.push_back(std::move(e));
    else
      e->respond({.body = "here"});
  });
  LiveClient client(server.endpoint(), 1);
  EXPECT_EQ(client.ask({.target = "/silent"}, Duration::millis(50)).error(), ClientError::kTimeout);
  EXPECT_EQ(client.ask({.target = "/x"}).value().body, "here");
}

TEST(Client, more_requests_than_connections_wait_their_turn) {
  LiveServer server({}, echo());
  LiveClient client(server.endpoint(), 2);
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(client.send({.target = "/" + std::to_string(i)}));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(answers[i].get().value().body, "GET /" + std::to_string(i) + " ");
}

TEST(Client, nonsense_instead_of_an_answer_is_kProtocol) {
  uint16_t port = 0;
  UniqueFd listener = listen_on_loopback(port);
  std::thread server([&] {
    UniqueFd fd(::accept(listener.get(), nullptr, nullptr));
    (void)!::send(fd.get(), "SSH-2.0-hello\r\n\r\n", 17, 0);
    char buffer[1024];
    (void)!::recv(fd.get(), buffer, sizeof(buffer), 0);
  });
  {
    LiveClient client("127.0.0.1:" + std::to_string(port));
    EXPECT_EQ(client.ask({}).error(), ClientError::kProtocol);
  }
  server.join();
}

TEST(Client, speaks_over_a_unix_socket) {
  std::string path = std::filesystem::temp_directory_path() / ("footlight-http-" + random_id(6));
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(listener.get(), 16), 0);
  std::string peer;
  LiveServer server({}, [&](Request r, ExchangePtr e) {
    peer = r.peer;
    e->respond({.body = "over unix"});
  });
  server.on_loop([&] { ASSERT_TRUE(server.server().listen(std::move(listener)).has_value()); });
  LiveClient client("unix:" + path);
  EXPECT_EQ(client.ask({}).value().body, "over unix");
  EXPECT_EQ(peer, "unix");
  std::filesystem::remove(path);
}

TEST(Client, callbacks_of_a_destroyed_client_never_run) {
  std::vector<ExchangePtr> held;
  LiveServer server({}, [&](Request, ExchangePtr e) { held.push_back(std::move(e)); });
  bool ran = false;
  {
    Loop loop;
    auto client = std::make_unique<Client>(loop, server.endpoint());
    client->request({}, Duration::millis(20), [&](Answer) { ran = true; });
    client.reset();
    auto end = loop.after(Duration::millis(60), [&] { loop.stop(); });
    loop.run();
  }
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace footlight::http
