#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace footlight::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(CommandLine, serve_takes_flags_and_keys_in_both_spellings) {
  auto c = parse_command_line({"serve", "--demo", "--data", "/tmp/d", "--hls.part_ms", "300", "--log.level=debug"});
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ(c->command, "serve");
  EXPECT_TRUE(c->demo);
  EXPECT_FALSE(c->listen_all);
  EXPECT_EQ(c->data, "/tmp/d");
  EXPECT_EQ(c->keys, (ConfigLayer{{"hls.part_ms", "300"}, {"log.level", "debug"}}));
}

TEST(CommandLine, unknown_key_reaches_the_configuration_which_names_it) {
  for (const auto& arguments : {std::vector<std::string>{"serve", "--hls.part_sm", "200"},
                                std::vector<std::string>{"serve", "--hls.part_sm=200"}}) {
    auto c = parse_command_line(arguments);
    ASSERT_TRUE(c.has_value());
    EXPECT_TRUE(c->keys.contains("hls.part_sm"));
  }
}

TEST(CommandLine, refusals_are_one_sentence_that_names_the_cause) {
  auto refusal = [](const std::vector<std::string>& arguments) {
    auto c = parse_command_line(arguments);
    return c ? "" : c.error().message;
  };
  EXPECT_THAT(refusal({"doctor"}), AllOf(HasSubstr("doctor"), HasSubstr("later")));
  EXPECT_THAT(refusal({"bench", "whep"}), HasSubstr("--url"));
  EXPECT_THAT(refusal({"bench", "rtmp", "--url", "x"}), HasSubstr("rtmp"));
  EXPECT_THAT(refusal({"bench", "whep", "--url", "x", "--viewers", "0"}), HasSubstr("--viewers"));
  EXPECT_THAT(refusal({"bench", "hls", "--url", "x"}), AllOf(HasSubstr("hls"), HasSubstr("later")));
  EXPECT_THAT(refusal({"remaster"}), HasSubstr("remaster"));
  EXPECT_THAT(refusal({"sreve"}), HasSubstr("'sreve'"));
  EXPECT_THAT(refusal({"serve", "--dmeo"}), HasSubstr("--dmeo"));
  EXPECT_THAT(refusal({"serve", "extra"}), HasSubstr("extra"));
  EXPECT_THAT(refusal({"serve", "--data"}), HasSubstr("--data"));
  EXPECT_THAT(refusal({"event", "destroy", "x"}), HasSubstr("destroy"));
  EXPECT_THAT(refusal({"event"}), Not(HasSubstr("\n")));
}

TEST(CommandLine, event_takes_action_id_and_access) {
  auto c = parse_command_line({"event", "go-live", "abc", "--url", "https://x", "--token", "t", "--json"});
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ(c->action, "go-live");
  EXPECT_EQ(c->event_id, "abc");
  EXPECT_EQ(c->url, "https://x");
  EXPECT_EQ(c->token, "t");
  EXPECT_TRUE(c->json);
}

TEST(CommandLine, bench_takes_what_to_load_and_how_much) {
  auto c = parse_command_line(
      {"bench", "whep", "--url", "http://x/whep/e", "--viewers", "60", "--seconds", "5", "--vanish", "all"});
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ(c->bench.what, "whep");
  EXPECT_EQ(c->url, "http://x/whep/e");
  EXPECT_EQ(c->bench.viewers, 60u);
  EXPECT_EQ(c->bench.seconds, 5);
  EXPECT_EQ(c->bench.vanish, "all");
}

TEST(CommandLine, nothing_and_help_print_what_there_is) {
  EXPECT_THAT(parse_command_line({}).value().help, HasSubstr("serve"));
  EXPECT_THAT(parse_command_line({"--help"}).value().help, HasSubstr("event"));
  EXPECT_THAT(parse_command_line({"serve", "--help"}).value().help, HasSubstr("--hls.part_ms"));
}

}  // namespace
}  // namespace footlight::app
