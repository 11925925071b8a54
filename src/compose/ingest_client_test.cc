#include "compose/ingest_client.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "compose/date_time.h"
#include "compose/testing_origin.h"

namespace footlight::compose {
namespace {

using testing::MemoryOrigin;

// Requests wait until the test lets the origin answer; time is a list of one timer.
struct Line final : IngestTransport {
  MemoryOrigin origin;
  bool away = false;
  bool lose_answers = false;
  std::vector<std::string> asked;
  struct Waiting {
    http::Request request;
    Callback done;
  };
  std::vector<Waiting> waiting;
  std::function<void()> timer;

  void send(http::Request request, Duration, Callback done) override {
    asked.push_back(request.method + " " + request.target);
    waiting.push_back({std::move(request), std::move(done)});
  }
  void after(Duration, std::function<void()> fn) override { timer = std::move(fn); }

  // Lets requests and timers run, at most `steps`.
  void run(int steps = 1000) {
    for (; steps > 0 && (!waiting.empty() || timer); --steps) {
      if (waiting.empty()) {
        std::exchange(timer, nullptr)();
        continue;
      }
      Waiting w = std::move(waiting.front());
      waiting.erase(waiting.begin());
      if (away) {
        w.done(unexpected(http::ClientError::kConnect));
      } else {
        http::Response answer = origin.answer(w.request);
        lose_answers ? w.done(unexpected(http::ClientError::kClosed)) : w.done(std::move(answer));
      }
    }
  }
};

struct Ingest {
  Line line;
  IngestClient client{line};
  int64_t segment = 0;
  int part = 0;

  explicit Ingest(uint64_t epoch = 1) { client.set_target({"s", "low", epoch, Duration::seconds(2)}); }
  void parts(int n) {
    for (int i = 0; i < n; ++i) {
      Part p;
      p.segment = segment;
      p.part = part;
      p.last = part == 9;
      p.independent = part == 0;
      p.duration = Duration::millis(200);
      p.body = fmt::format("{}.{}", segment, part);
      segment += p.last ? 1 : 0;
      part = p.last ? 0 : part + 1;
      client.add_part(std::move(p));
    }
  }
};

void expect_unbroken(const MemoryOrigin& origin, size_t count) {
  ASSERT_EQ(origin.stored.size(), count);
  for (size_t i = 1; i < count; ++i) {
    const auto& a = origin.stored[i - 1];
    const auto& b = origin.stored[i];
    EXPECT_TRUE(a.last ? b.msn == a.msn + 1 && b.part <= 0 : b.msn == a.msn && b.part == a.part + 1) << i;
  }
}

TEST(IngestClient, asks_where_to_go_on_then_puts_init_and_parts_in_order) {
  Ingest ingest;
  ingest.line.origin.next_msn = 40;
  ingest.line.origin.next_init = 3;
  ingest.client.add_init(0, "init");
  ingest.parts(23);
  ingest.line.run();
  EXPECT_EQ(ingest.line.asked[0], "GET /ingest/s");
  EXPECT_EQ(ingest.line.asked[1], "PUT /ingest/s/1/low/init/3");
  EXPECT_EQ(ingest.line.asked[2], "PUT /ingest/s/1/low/40/0");
  expect_unbroken(ingest.line.origin, 23);
  EXPECT_TRUE(ingest.client.idle());
  EXPECT_EQ(ingest.client.figures().parts, 23U);
}

TEST(IngestClient, a_new_epoch_opens_the_segment_after_the_one_left_open) {
  Ingest ingest(2);
  ingest.line.origin.epoch = 1;
  ingest.line.origin.next_msn = 7;
  ingest.line.origin.next_part = 4;
  ingest.line.origin.next_init = 1;
  ingest.client.add_init(0, "init");
  ingest.parts(12);
  ingest.line.run();
  ASSERT_EQ(ingest.line.origin.stored.size(), 12U);
  EXPECT_EQ(ingest.line.origin.stored[0].msn, 8);
  EXPECT_EQ(ingest.line.origin.stored[0].part, 0);
  EXPECT_EQ(ingest.line.origin.inits.count(1), 1U);
}

TEST(IngestClient, an_origin_that_restarts_costs_no_part) {
  Ingest ingest;
  ingest.client.add_init(0, "init");
  ingest.parts(5);
  ingest.line.run();
  ingest.line.away = true;
  ingest.parts(15);
  ingest.line.run(30);
  ingest.line.away = false;
  ingest.parts(5);
  ingest.line.run();
  expect_unbroken(ingest.line.origin, 25);
  EXPECT_GT(ingest.client.figures().retries, 3U);
  EXPECT_EQ(ingest.client.figures().dropped_segments, 0);
}

TEST(IngestClient, a_lost_answer_is_repeated_and_stored_once) {
  Ingest ingest;
  ingest.client.add_init(0, "init");
  ingest.parts(3);
  ingest.line.run();
  ingest.line.lose_answers = true;
  ingest.parts(2);
  ingest.line.run(3);
  ingest.line.lose_answers = false;
  ingest.line.run();
  expect_unbroken(ingest.line.origin, 5);
}

TEST(IngestClient, after_ten_seconds_whole_segments_become_gaps) {
  Ingest ingest;
  ingest.client.add_init(0, "init");
  ingest.parts(13);  // one segment and three parts
  ingest.line.run();
  ingest.line.away = true;
  ingest.parts(87);  // 17.4 s more
  ingest.line.run(40);
  ingest.line.away = false;
  ingest.line.run();
  ingest.parts(10);
  ingest.line.run();
  EXPECT_GE(ingest.client.figures().dropped_segments, 3);
  int64_t msn = 0;
  int gaps = 0;
  for (const auto& s : ingest.line.origin.stored) {
    EXPECT_TRUE(s.msn == msn || s.msn == msn + 1);
    msn = s.msn;
    gaps += s.gap ? 1 : 0;
    if (!s.gap) {
      EXPECT_EQ(s.body, fmt::format("{}.{}", s.msn, s.part)) << "every media sequence number keeps its media";
    }
  }
  EXPECT_EQ(gaps, ingest.client.figures().dropped_segments);
  EXPECT_EQ(msn, 10);
}

TEST(IngestClient, a_stream_that_is_not_started_yet_is_waited_for) {
  Ingest ingest;
  ingest.line.origin.started = false;
  ingest.client.add_init(0, "init");
  ingest.parts(2);
  ingest.line.run(10);
  EXPECT_TRUE(ingest.line.origin.stored.empty());
  ingest.line.origin.started = true;
  ingest.line.run();
  expect_unbroken(ingest.line.origin, 2);
}

TEST(IngestClient, a_fenced_epoch_stops_for_good_and_a_higher_one_begins_anew) {
  Ingest ingest;
  ingest.client.add_init(0, "init");
  ingest.parts(2);
  ingest.line.run();
  ingest.line.origin.epoch = 5;
  ingest.parts(1);
  ingest.line.run();
  EXPECT_TRUE(ingest.client.figures().fenced);
  const size_t asked = ingest.line.asked.size();
  ingest.parts(7);
  ingest.line.run();
  EXPECT_EQ(ingest.line.asked.size(), asked);
  EXPECT_TRUE(ingest.client.idle());
  ingest.client.set_target({"s", "low", 6, Duration::seconds(2)});
  EXPECT_FALSE(ingest.client.figures().fenced);
}

TEST(IngestClient, an_origin_that_lost_its_spool_is_followed_from_the_next_segment) {
  Ingest ingest;
  ingest.client.add_init(0, "init");
  ingest.parts(25);
  ingest.line.run();
  ingest.line.origin.next_msn = 0;
  ingest.line.origin.next_part = 0;
  ingest.line.origin.stored.clear();
  ingest.parts(15);
  ingest.line.run();
  ASSERT_FALSE(ingest.line.origin.stored.empty());
  EXPECT_EQ(ingest.line.origin.stored.front().part, 0);
  EXPECT_TRUE(ingest.client.idle());
}

TEST(IngestClient, the_end_comes_after_the_last_part) {
  Ingest ingest;
  ingest.client.add_init(0, "init");
  ingest.parts(2);
  ingest.client.add_end();
  ingest.line.run();
  EXPECT_EQ(ingest.line.origin.ends, 1);
  EXPECT_EQ(ingest.line.asked.back(), "PUT /ingest/s/1/end");
  EXPECT_TRUE(ingest.client.idle());
}

TEST(IngestClient, nonsense_from_the_origin_is_asked_again) {
  Ingest ingest;
  ingest.parts(1);
  for (const char* body : {"", "[]", "{\"renditions\":7}", "{\"epoch\":\"x\",\"renditions\":{\"low\":[]}}"}) {
    ASSERT_FALSE(ingest.line.waiting.empty());
    auto w = std::move(ingest.line.waiting.front());
    ingest.line.waiting.clear();
    w.done(http::Response{.status = 500, .body = body});
    ASSERT_TRUE(ingest.line.timer);
    std::exchange(ingest.line.timer, nullptr)();
  }
  ingest.line.run();
  expect_unbroken(ingest.line.origin, 1);
}

TEST(DateTime, carries_microseconds) {
  EXPECT_EQ(to_rfc3339_micros(WallTime::micros(1'700'000'000'123'456)), "2023-11-14T22:13:20.123456Z");
  EXPECT_EQ(to_rfc3339_micros(WallTime::micros(1'700'000'000'000'007)), "2023-11-14T22:13:20.000007Z");
}

}  // namespace
}  // namespace footlight::compose
