// What encoders in the field do beside the common way.
#include <gtest/gtest.h>

#include "rtmp/testing_server.h"

namespace footlight::rtmp {
namespace {

TEST(RtmpEncoders, a_stream_may_end_and_begin_again_on_its_connection) {
  for (const char* word : {"deleteStream", "closeStream"}) {
    TestServer f;
    f.feed(publishing().picture(true, 700'000).sound(700'000).call("FCUnpublish", 6).call(word, 7));
    EXPECT_EQ(f.ends, 1) << word;
    EXPECT_FALSE(f.session.publishing());
    f.feed(TestPublisher().picture(false, 700'040));
    EXPECT_FALSE(f.closed) << "it was on its way";
    f.feed(TestPublisher().call("releaseStream", 8).call("createStream", 9).publish("second"));
    EXPECT_EQ(f.key, "second");
    EXPECT_TRUE(f.session.publishing());
    EXPECT_FALSE(f.session.said_goodbye());
    f.feed(TestPublisher().picture(true, 0).configurations().picture(true, 0).sound(0));
    EXPECT_EQ(f.video_configs, 2) << "the second stream has its own";
    ASSERT_EQ(f.pictures.size(), 2U);
    EXPECT_EQ(f.pictures[1].decode.ms(), 1) << "times begin anew, too: zero was the one before its configuration";
    EXPECT_EQ(f.session.media().discontinuities, 0U);
  }
}

TEST(RtmpEncoders, a_connection_without_a_stream_is_cut_after_ten_seconds) {
  TestServer f;
  f.now += Duration::seconds(60);
  f.feed(publishing().call("deleteStream", 7));
  EXPECT_FALSE(f.session.tick(f.now + Duration::seconds(9)));
  auto event = f.session.tick(f.now + Duration::seconds(10));
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Closed>(*event).reason, CloseReason::kHandshakeTimeout);
}

}  // namespace
}  // namespace footlight::rtmp
