// The supervisor's small rooms: data directory, listening sockets, host names, pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "app/data_folder.h"
#include "app/host_check.h"
#include "app/listeners.h"
#include "app/pages.h"
#include "base/random.h"
#include "net/listen.h"

namespace footlight::app {

BundledFiles bundled_files() {
  static constexpr BundledFile kFiles[] = {{"index.html", "<!doctype html>home", "h1"},
                                           {"watch.html", "<!doctype html>watch", "h2"},
                                           {"embed.html", "<!doctype html>embed", "h3"},
                                           {"assets/app-1f.js", "console.log(1)", "h4"}};
  return {std::begin(kFiles), std::end(kFiles)};
}

namespace {

using testing::HasSubstr;

class Scratch : public testing::Test {
 protected:
  Scratch() : data(std::filesystem::temp_directory_path() / ("footlight-" + random_id(6))) {}
  ~Scratch() override { std::filesystem::remove_all(data); }
  std::filesystem::path data;
};
using DataFolderTest = Scratch;
using ListenersTest = Scratch;

int mode_of(const std::filesystem::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

TEST_F(DataFolderTest, admin_token_is_generated_once_and_private) {
  auto folder = DataFolder::open(data);
  ASSERT_TRUE(folder.has_value());
  auto token = folder->admin_token();
  ASSERT_TRUE(token.has_value());
  EXPECT_GE(token->reveal().size(), 32u);
  EXPECT_EQ(mode_of(data / "admin_token"), 0600);
  EXPECT_EQ(mode_of(data / "run"), 0700);
  EXPECT_EQ(folder->admin_token()->reveal(), token->reveal());
  EXPECT_EQ(read_file(data / "admin_token").value(), token->reveal() + "\n");
}

TEST_F(DataFolderTest, second_opener_is_refused_until_the_first_is_gone) {
  auto first = std::make_unique<Result<DataFolder, Error>>(DataFolder::open(data));
  auto second = DataFolder::open(data);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr(data.string()));
  first.reset();
  EXPECT_TRUE(DataFolder::open(data).has_value());
}

TEST_F(DataFolderTest, folder_that_cannot_be_made_is_one_sentence) {
  auto folder = DataFolder::open("/proc/footlight");
  ASSERT_FALSE(folder.has_value());
  EXPECT_THAT(folder.error().message, HasSubstr("/proc/footlight"));
}

Config with(ConfigLayer layer) { return Config::resolve(layer, {}, {}).value(); }

TEST_F(ListenersTest, port_0_becomes_a_number_and_media_addresses_share_one) {
  std::filesystem::create_directories(data);
  auto config = with({{"http.listen", "127.0.0.1:0"},
                      {"origin.listen", "127.0.0.1:0"},
                      {"rtmp.listen", "127.0.0.1:0"},
                      {"media.listen", "127.0.0.1:0,127.0.0.2:0"},
                      {"media.shards", "2"}});
  auto listeners = open_listeners(config, data);
  ASSERT_TRUE(listeners.has_value()) << listeners.error().message;
  auto json = nlohmann::json::parse(listeners->listen_json());
  EXPECT_EQ(json["http"], listeners->http.to_string());
  EXPECT_NE(listeners->http.port(), 0);
  EXPECT_EQ(json["rtmp"], listeners->rtmp->to_string());
  ASSERT_EQ(json["media"].size(), 2u);
  ASSERT_EQ(json["media"][1].size(), 2u);
  const auto& shards = listeners->media;
  EXPECT_EQ(shards[1][0].port(), shards[1][1].port());
  EXPECT_NE(shards[0][0].port(), shards[1][0].port());
  EXPECT_EQ(std::ranges::count(listeners->sockets, "media_tcp", &NamedFd::name), 4);
  std::map<uint16_t, int> sockets_on;
  for (const NamedFd& socket : listeners->sockets)
    if (socket.name.starts_with("media")) ++sockets_on[net::local_address(socket.fd.get())->port()];
  EXPECT_EQ(sockets_on[shards[0][0].port()], 4);
  EXPECT_EQ(sockets_on[shards[1][0].port()], 4);
  for (const char* name :
       {"http", "origin", "rtmp", "media", "media_tcp", "pipe", "control_sock", "relay_sock", "origin_sock"})
    EXPECT_GE(listeners->fd(name), 0) << name;
  EXPECT_TRUE(std::filesystem::exists(data / "control.sock"));
}

TEST_F(ListenersTest, port_in_use_names_key_and_address) {
  std::filesystem::create_directories(data / "a");
  std::filesystem::create_directories(data / "b");
  auto first = open_listeners(with({{"http.listen", "127.0.0.1:0"},
                                    {"origin.listen", "127.0.0.1:0"},
                                    {"rtmp.listen", "127.0.0.1:0"},
                                    {"media.listen", "127.0.0.1:0"}}),
                              data / "a");
  ASSERT_TRUE(first.has_value());
  std::string taken = first->http.to_string();
  auto second = open_listeners(with({{"http.listen", taken},
                                     {"origin.listen", "127.0.0.1:0"},
                                     {"rtmp.listen", "127.0.0.1:0"},
                                     {"media.listen", "127.0.0.1:0"}}),
                               data / "b");
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, testing::AllOf(HasSubstr("http.listen"), HasSubstr(taken)));
}

TEST(MediaAddresses, port_alone_stands_for_loopback_and_each_interface) {
  auto addresses = media_addresses({"7000"});
  ASSERT_TRUE(addresses.has_value());
  EXPECT_EQ(addresses->front().to_string(), "127.0.0.1:7000");
  for (const auto& address : *addresses) EXPECT_EQ(address.port(), 7000);
}

TEST(MediaAddresses, loopback_comes_first_and_nonsense_is_refused) {
  EXPECT_EQ(media_addresses({"192.0.2.1:7000", "127.0.0.1:7000"})->front().to_string(), "127.0.0.1:7000");
  for (std::vector<std::string> bad :
       {std::vector<std::string>{}, {"x"}, {"7000", "7001"}, {"127.0.0.1:1", "127.0.0.2:2"}})
    EXPECT_FALSE(media_addresses(bad).has_value());
}

TEST(HostCheck, loopback_listen_address_and_public_names_pass_and_others_do_not) {
  HostCheck check(*SocketAddress::parse("192.0.2.7:8080"),
                  {"https://live.example.org/x", "", "http://[2001:db8::1]:99"});
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "app.localhost",
                           "192.0.2.7:8080", "live.example.org", "Live.Example.Org.:443", "[2001:db8::1]"})
    EXPECT_TRUE(check.accepts(host)) << host;
  for (const char* host :
       {"", "evil.example", "127.evil.example", "live.example.org.evil", "192.0.2.8", "[", "[::2]", ":80"})
    EXPECT_FALSE(check.accepts(host)) << host;
}

class RecordingExchange final : public http::Exchange {
 public:
  void respond(http::Response r) override { response = std::move(r); }
  void start(http::Response) override {}
  void write(std::string) override {}
  void finish() override {}
  void on_closed(std::function<void()>) override {}
  http::Response response;
};

class PagesTest : public testing::Test {
 protected:
  http::Response ask(const std::string& target, const std::string& method = "GET") {
    http::Request request{.method = method, .target = target, .headers = headers};
    auto exchange = std::make_shared<RecordingExchange>();
    EXPECT_TRUE(pages.serves(request)) << target;
    pages.handle(request, exchange);
    return exchange->response;
  }
  http::Headers headers;
  Pages pages;
};

TEST_F(PagesTest, page_of_any_event_is_one_file_with_a_policy) {
  http::Response r = ask("/watch/abc?transport=whep");
  EXPECT_THAT(*r.shared_body, HasSubstr("watch"));
  EXPECT_EQ(r.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(r.headers.get("Cache-Control"), "no-cache");
  EXPECT_THAT(std::string(*r.headers.get("Content-Security-Policy")), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(std::string(*ask("/embed/abc").headers.get("Content-Security-Policy")), HasSubstr("frame-ancestors *"));
  EXPECT_THAT(*ask("/").shared_body, HasSubstr("home"));
}

TEST_F(PagesTest, assets_are_immutable_revalidated_by_hash_and_compressed_when_asked) {
  http::Response plain = ask("/assets/app-1f.js");
  EXPECT_THAT(std::string(*plain.headers.get("Cache-Control")), HasSubstr("immutable"));
  EXPECT_EQ(*plain.shared_body, "console.log(1)");
  headers.set("Accept-Encoding", "gzip, br");
  http::Response packed = ask("/assets/app-1f.js");
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.shared_body->substr(0, 2), "\x1f\x8b");
  headers.set("If-None-Match", std::string(*plain.headers.get("ETag")));
  EXPECT_EQ(ask("/assets/app-1f.js").status, 304);
}

TEST_F(PagesTest, other_paths_are_not_theirs_and_unknown_assets_are_404) {
  for (const char* target : {"/api/v1/events", "/watch/", "/watch/a/b", "/whip/x", "/studio/x"})  // no studio.html here
    EXPECT_FALSE(pages.serves({.target = target})) << target;
  EXPECT_EQ(ask("/assets/none.js").status, 404);
  EXPECT_EQ(ask("/", "POST").status, 405);
}

}  // namespace
}  // namespace footlight::app
