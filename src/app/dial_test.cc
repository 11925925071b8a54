#include "app/dial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "http/router.h"
#include "http/testing_live_server.h"

namespace footlight::app {
namespace {

using testing::HasSubstr;

// Control's side on a loop thread of its own; the dial runs on the test's loop.
class DialTest : public testing::Test {
 protected:
  void serve(uint16_t port = 0) {
    control = std::make_unique<http::LiveServer>(
        http::ServerOptions{}, [this](http::Request r, http::ExchangePtr e) { on_call(r, std::move(e)); }, port);
    endpoint = control->endpoint();
  }
  void on_call(const http::Request& request, http::ExchangePtr exchange) {
    std::lock_guard lock(mutex);
    if (request.method == "PUT") {
      reports.push_back(request.body);
      return exchange->respond({.status = 204});
    }
    polls.push_back(request.target);
    if (request.query_value("after") == std::to_string(generation)) {
      held.push_back(std::move(exchange));
      return;
    }
    exchange->respond({.body = std::to_string(generation)});
  }
  Dial::Engine engine() {
    return {.apply = [this](std::string_view document) -> Result<int64_t, Error> {
              applied.push_back(std::stoll(std::string(document)));
              return applied.back();
            },
            .observe =
                [this](auto done) {
                  ++observed;
                  done(unable-- > 0 ? "" : "report " + std::to_string(observed));
                }};
  }
  template <class Condition>
  bool run_until(Condition condition) {
    Timestamp end = SystemClock::get().now() + Duration::seconds(10);
    bool held_true = false;
    http::Loop::Timer timer;
    std::function<void()> look = [&] {
      {
        std::lock_guard lock(mutex);
        held_true = condition();
      }
      if (held_true || SystemClock::get().now() > end) return loop.stop();
      timer = loop.after(Duration::millis(2), look);
    };
    loop.post(look);
    loop.run();
    loop.restart();
    return held_true;
  }

  std::mutex mutex;
  std::vector<std::string> polls, reports;
  std::vector<http::ExchangePtr> held;
  int64_t generation = 1;
  std::unique_ptr<http::LiveServer> control;
  std::string endpoint;
  http::Loop loop;
  std::vector<int64_t> applied;
  int observed = 0;
  int unable = 0;  // to make so many reports
};

TEST_F(DialTest, applies_the_first_document_and_each_new_one_as_it_comes) {
  serve();
  Dial dial(loop, {endpoint, "relay", "local", "inc"}, engine());
  dial.start();
  ASSERT_TRUE(run_until([&] { return held.size() == 1; }));
  EXPECT_EQ(applied, std::vector<int64_t>{1});
  EXPECT_EQ(polls.at(0), "/desired/relay/local?incarnation=inc");
  EXPECT_THAT(polls.at(1), HasSubstr("after=1"));
  control->on_loop([&] {
    generation = 2;
    held.front()->respond({.body = "2"});
    held.clear();
  });
  EXPECT_TRUE(run_until([&] { return applied.size() == 2 && held.size() == 1; }));
}

TEST_F(DialTest, hold_that_ends_without_news_is_asked_again) {
  serve();
  Dial dial(loop, {endpoint, "relay", "local", "inc"}, engine());
  dial.start();
  ASSERT_TRUE(run_until([&] { return held.size() == 1; }));
  control->on_loop([&] {
    auto waiting = std::exchange(held, {});
    waiting.front()->respond({.status = 204});
  });
  EXPECT_TRUE(run_until([&] { return held.size() == 1; }));
  EXPECT_EQ(applied.size(), 1u);
}

TEST_F(DialTest, control_that_went_away_and_came_back_is_found_again) {
  serve();
  Dial dial(loop, {endpoint, "relay", "local", "inc"}, engine());
  dial.start();
  ASSERT_TRUE(run_until([&] { return held.size() == 1; }));
  uint16_t port = control->port();
  control.reset();
  held.clear();
  auto pause = loop.after(Duration::millis(150), [&] { loop.stop(); });
  loop.run();
  loop.restart();
  generation = 5;
  serve(port);
  EXPECT_TRUE(run_until([&] { return !applied.empty() && applied.back() == 5; }));
}

TEST_F(DialTest, a_role_that_was_too_busy_to_report_once_reports_again) {
  serve();
  unable = 1;
  Dial dial(loop, {endpoint, "relay", "local", "inc"}, engine());
  dial.start();
  ASSERT_TRUE(run_until([&] { return !reports.empty(); }));
  EXPECT_EQ(reports.front(), "report 2");
}

TEST_F(DialTest, many_changes_make_one_report) {
  serve();
  Dial dial(loop, {endpoint, "relay", "local", "inc"}, engine());
  dial.start();
  ASSERT_TRUE(run_until([&] { return reports.size() >= 2; }));  // the first, and the one after applying
  size_t before = reports.size();
  for (int i = 0; i < 100; ++i) dial.changed();
  ASSERT_TRUE(run_until([&] { return reports.size() > before; }));
  auto pause = loop.after(Duration::millis(200), [&] { loop.stop(); });
  loop.run();
  EXPECT_LE(reports.size(), before + 2);
}

}  // namespace
}  // namespace footlight::app
