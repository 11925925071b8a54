#include "control/event_stream.h"

#include <regex>

#include "control/testing_control.h"

namespace footlight::control {
namespace {

class EventStreamTest : public ControlTest {
 protected:
  EventStreamTest() { event_ = create()["id"]; }
  RecordingPtr open(const std::string& token = kAdmin, const std::string& last = "") {
    return send("GET", "/api/v1/events/" + event_ + "/stream", "", token,
                last.empty() ? Fields{} : Fields{{"Last-Event-ID", last}});
  }
  static std::string last_id(const std::string& text) {
    const size_t at = text.rfind("id: ");
    return text.substr(at + 4, text.find('\n', at) - at - 4);
  }
  std::string event_;
};

TEST_F(EventStreamTest, it_starts_with_retry_and_the_position_and_carries_state_changes) {
  auto page = open();
  ASSERT_TRUE(page->response);
  EXPECT_EQ(page->response->headers.get("Content-Type"), "text/event-stream");
  EXPECT_TRUE(std::regex_match(page->text, std::regex("retry: 500\nid: \\d+\n\n"))) << page->text;
  move(event_, "rehearse");
  EXPECT_TRUE(std::regex_search(
      page->text, std::regex("id: \\d+\nevent: event.rehearsal\ndata: \\{.*\"state\":\"rehearsal\".*\\}\n\n")))
      << page->text;
}

TEST_F(EventStreamTest, what_was_missed_comes_once_even_after_a_restart_of_control) {
  auto page = open();
  move(event_, "rehearse");
  const auto seen = last_id(page->text);
  page->closed();
  move(event_, "draft");
  for (int i = 0; i < 2; ++i) {
    auto back = open(kAdmin, seen);
    EXPECT_EQ(back->text.find("event.rehearsal"), std::string::npos);
    EXPECT_NE(back->text.find("event.draft"), std::string::npos);
    auto up_to_date = open(kAdmin, last_id(back->text));
    EXPECT_EQ(up_to_date->text, "retry: 500\n\n");
    restart();
  }
}

TEST_F(EventStreamTest, a_position_of_another_life_or_too_old_is_a_reset) {
  for (const char* id : {"nonsense", "999999999", "-5"})
    EXPECT_NE(open(kAdmin, id)->text.find("event: stream.reset"), std::string::npos) << id;
  auto page = open();
  const auto seen = last_id(page->text);
  for (int i = 0; i <= kStreamEventsKept; ++i) api("PATCH", "/events/" + event_, {{"title", "T" + std::to_string(i)}});
  EXPECT_NE(open(kAdmin, seen)->text.find("event: stream.reset"), std::string::npos);
  EXPECT_EQ(repository_->stream_events(event_).size(), static_cast<size_t>(kStreamEventsKept));
}

TEST_F(EventStreamTest, a_revoked_or_expired_token_ends_its_streams_and_no_others) {
  const auto [tid, token] = invite(event_, "presenter");
  const auto other = invite(event_, "presenter").second;
  auto cut = open(token), stays = open(other);
  api("DELETE", "/events/" + event_ + "/tokens/" + tid);
  core_->tick();
  EXPECT_TRUE(cut->finished);
  EXPECT_FALSE(stays->finished);
  clock_.advance(Duration::seconds(3601));
  core_->tick();
  EXPECT_TRUE(stays->finished);
}

TEST_F(EventStreamTest, a_silent_stream_gets_a_heartbeat) {
  auto page = open();
  const auto before = page->text;
  clock_.advance(Duration::seconds(15));
  core_->tick();
  EXPECT_EQ(page->text, before + ":\n\n");
}

TEST_F(EventStreamTest, deleting_the_event_says_so_and_ends_the_stream) {
  auto page = open();
  api("DELETE", "/events/" + event_);
  EXPECT_NE(page->text.find("event: event.deleted"), std::string::npos);
  EXPECT_TRUE(page->finished);
}

TEST_F(EventStreamTest, sources_that_connect_and_vanish_are_told_once) {
  auto page = open();
  auto created = offer("/whip/" + event_, kAdmin);
  for (int i = 0; i < 3; ++i) relay_says({observed_session(created, "connected")});
  for (int i = 0; i < 3; ++i) relay_says({observed_session(created, "ended")});
  const auto count = [&](const std::string& what) {
    size_t n = 0;
    for (size_t at = 0; (at = page->text.find(what, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  EXPECT_EQ(count("event: source.connected\n"), 1u) << page->text;
  EXPECT_EQ(count("event: source.lost\n"), 1u) << page->text;
}

}  // namespace
}  // namespace footlight::control
