#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "http/client.h"
#include "http/self_signed.h"
#include "http/testing_live_server.h"
#include "http/tls_context.h"

namespace footlight::http {
namespace {

class TlsTest : public testing::Test {
 protected:
  TlsTest() : folder(std::filesystem::temp_directory_path() / ("footlight-tls-" + random_id(6))) {
    std::filesystem::create_directories(folder);
    renew();
  }
  ~TlsTest() override { std::filesystem::remove_all(folder); }
  void renew() {
    PemPair pair = make_self_signed({"localhost"}, {"127.0.0.1"}, 90).value();
    std::ofstream(folder / "cert.pem") << pair.cert;
    std::ofstream(folder / "key.pem") << pair.key;
  }
  ServerOptions options() const { return {.tls_cert = folder / "cert.pem", .tls_key = folder / "key.pem"}; }
  Result<Response, ClientError> ask(const std::string& endpoint, const ClientTls& tls, Request request = {}) {
    Loop loop;
    Client client(loop, endpoint, 1, tls);
    Result<Response, ClientError> result = unexpected(ClientError::kTimeout);
    client.request(std::move(request), Duration::seconds(5), [&](auto answer) {
      result = std::move(answer);
      loop.stop();
    });
    loop.run();
    return result;
  }
  ClientTls trusting() const { return {"127.0.0.1", folder / "cert.pem"}; }
  std::filesystem::path folder;
};

TEST_F(TlsTest, big_bodies_go_both_ways_and_the_handler_knows_it_is_tls) {
  auto big = std::make_shared<const std::string>(std::string(3 << 20, 'b'));
  ServerOptions o = options();
  o.max_body = 4 << 20;
  LiveServer server(o, [&](Request r, ExchangePtr e) {
    Response answer;
    answer.status = r.tls && r.body.size() == big->size() ? 200 : 400;
    answer.shared_body = big;
    e->respond(std::move(answer));
  });
  auto answer = ask(server.endpoint(), trusting(), {.method = "PUT", .body = *big});
  ASSERT_TRUE(answer.has_value()) << sentence(answer.error());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, *big);
}

TEST_F(TlsTest, certificate_that_is_not_trusted_or_names_another_host_is_kTls) {
  LiveServer server(options(), [](Request, ExchangePtr e) { e->respond({}); });
  EXPECT_EQ(ask(server.endpoint(), {"127.0.0.1", ""}).error(), ClientError::kTls);
  EXPECT_EQ(ask(server.endpoint(), {"example.org", folder / "cert.pem"}).error(), ClientError::kTls);
  EXPECT_TRUE(ask(server.endpoint(), {"localhost", folder / "cert.pem"}).has_value());
}

TEST_F(TlsTest, certificate_is_reloaded_when_its_files_change_and_a_broken_pair_changes_nothing) {
  ReloadingContext context;
  ASSERT_TRUE(context.open(folder / "cert.pem", folder / "key.pem").has_value());
  SSL_CTX* first = &context.current();
  context.look();
  EXPECT_EQ(&context.current(), first);
  auto later = std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5);
  std::ofstream(folder / "cert.pem") << "half a certificate";
  std::filesystem::last_write_time(folder / "cert.pem", later);
  context.look();
  EXPECT_EQ(&context.current(), first);
  renew();
  std::filesystem::last_write_time(folder / "cert.pem", later + std::chrono::seconds(5));
  context.look();
  EXPECT_NE(&context.current(), first);
}

TEST_F(TlsTest, plain_http_on_a_tls_port_is_closed_without_harm) {
  LiveServer server(options(), [](Request, ExchangePtr e) { e->respond({.body = "ok"}); });
  RawPeer plain(server.port());
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  plain.read_to_end();
  EXPECT_EQ(ask(server.endpoint(), trusting()).value().body, "ok");
}

TEST_F(TlsTest, files_that_do_not_fit_are_a_sentence) {
  EXPECT_THAT(make_server_context("/nonexistent.pem", folder / "key.pem").error().message,
              testing::HasSubstr("/nonexistent.pem"));
  std::ofstream(folder / "other.pem") << make_self_signed({"localhost"}, {}, 1).value().key;
  EXPECT_FALSE(make_server_context(folder / "cert.pem", folder / "other.pem").has_value());
}

TEST(SelfSigned, covers_its_addresses_for_its_days_only) {
  std::string cert = make_self_signed({"localhost"}, {"127.0.0.1", "192.0.2.1", "2001:db8::1"}, 90).value().cert;
  EXPECT_TRUE(certificate_covers(cert, {"127.0.0.1", "2001:db8::1"}, 30));
  EXPECT_FALSE(certificate_covers(cert, {"192.0.2.2"}, 30));
  EXPECT_FALSE(certificate_covers(cert, {"127.0.0.1"}, 100));
  EXPECT_FALSE(certificate_covers("not a certificate", {}, 0));
}

}  // namespace
}  // namespace footlight::http
