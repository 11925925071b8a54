#include "http/router.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace footlight::http {
namespace {

class RecordingExchange final : public Exchange {
 public:
  void respond(Response r) override { response = std::move(r); }
  void start(Response) override {}
  void write(std::string) override {}
  void finish() override {}
  void on_closed(std::function<void()>) override {}
  Response response;
};

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    auto say = [](std::string what) {
      return [what](const Request&, const Params& p, ExchangePtr e) {
        std::string text = what;
        for (const auto& [name, value] : p) text += " " + name + "=" + value;
        e->respond({.body = text});
      };
    };
    router.on("GET", "/", say("home"));
    router.on("GET", "/events/{id}", say("event"));
    router.on("PATCH", "/events/{id}", say("patch"));
    router.on("GET", "/events/{id}/tokens/{tid}", say("token"));
    router.on("GET", "/assets/{path...}", say("asset"));
  }
  Response ask(std::string method, std::string target) {
    auto e = std::make_shared<RecordingExchange>();
    router.route({.method = std::move(method), .target = std::move(target)}, e);
    return e->response;
  }
  Router router;
};

TEST_F(RouterTest, segments_become_parameters_decoded) {
  EXPECT_EQ(ask("GET", "/").body, "home");
  EXPECT_EQ(ask("GET", "/events/a%20b?x=1").body, "event id=a b");
  EXPECT_EQ(ask("GET", "/events/e/tokens/t").body, "token id=e tid=t");
  EXPECT_EQ(ask("GET", "/assets/a/b.js").body, "asset path=a/b.js");
}

TEST_F(RouterTest, head_takes_the_get_route) { EXPECT_EQ(ask("HEAD", "/events/x").body, "event id=x"); }

TEST_F(RouterTest, unknown_path_is_404_and_wrong_method_405_with_allow) {
  for (const char* path : {"/nothing", "/events", "/events/", "/events/%zz", "/events/a/b"})
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  Response r = ask("DELETE", "/events/x");
  EXPECT_EQ(r.status, 405);
  EXPECT_EQ(r.headers.get("Allow"), "GET, HEAD, PATCH");
}

TEST(Problem, is_rfc_9457_and_survives_bytes_that_are_not_utf_8) {
  Response r = problem(422, "bad \xff name");
  EXPECT_EQ(r.headers.get("content-type"), "application/problem+json");
  auto body = nlohmann::json::parse(r.body);
  EXPECT_EQ(body["status"], 422);
  EXPECT_EQ(body["title"], "Unprocessable Content");
}

TEST(Percent, round_trip_and_bad_escapes) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%g0"), std::nullopt);
  Request r{.target = "/x?a=1&b=%41&c&d=%zz"};
  EXPECT_EQ(r.query_value("b"), "A");
  EXPECT_EQ(r.query_value("c"), "");
  EXPECT_EQ(r.query_value("d"), std::nullopt);
  EXPECT_EQ(r.query_value("e"), std::nullopt);
}

}  // namespace
}  // namespace footlight::http
