#include "sdp/session_description.h"

#include "sdp/format_parameters.h"
#include "sdp/test_offer.h"

namespace footlight::sdp {
namespace {

TEST(SessionDescription, lines_sections_and_attributes_are_taken_apart) {
  auto d = SessionDescription::parse(test_offer("chromium-h264.publish"));
  ASSERT_TRUE(d) << d.error().message;
  ASSERT_EQ(d->media.size(), 2u);
  EXPECT_EQ(*d->attributes.find("group"), "BUNDLE 0 1");
  EXPECT_TRUE(d->attributes.has("extmap-allow-mixed"));
  EXPECT_EQ(d->media[0].kind, "audio");
  EXPECT_EQ(d->media[0].protocol, "UDP/TLS/RTP/SAVPF");
  EXPECT_EQ(d->media[0].mid, "0");
  EXPECT_EQ(d->media[0].formats.front(), "111");
  EXPECT_TRUE(d->media[1].attributes.has("rtcp-rsize"));
  EXPECT_EQ(d->media[1].attributes.find("no-such"), nullptr);
}

TEST(SessionDescription, what_it_writes_reads_back_the_same) {
  for (auto name : {"chromium-h264.publish", "chromium.receive", "obs.publish", "firefox-simulcast-vp8.publish",
                    "gstreamer-audio-nobundle.publish"}) {
    auto first = SessionDescription::parse(test_offer(name));
    ASSERT_TRUE(first) << name;
    std::string text = first->text();
    auto second = SessionDescription::parse(text);
    ASSERT_TRUE(second) << name;
    EXPECT_EQ(second->text(), text);
    EXPECT_EQ(second->media.size(), first->media.size());
  }
}

TEST(SessionDescription, truncation_at_every_length_is_read_or_refused_with_a_sentence) {
  std::string text = test_offer("firefox-simulcast-vp8.publish");
  for (size_t n = 0; n < text.size(); ++n) {
    auto d = SessionDescription::parse(std::string_view(text).substr(0, n));
    if (!d) EXPECT_FALSE(d.error().message.empty());
  }
}

TEST(SessionDescription, a_fault_is_named_with_its_line) {
  auto message = [](std::string_view text) { return SessionDescription::parse(text).error().message; };
  EXPECT_EQ(message(""), "the SDP does not begin with v=0");
  EXPECT_EQ(message("hello"), "SDP line 1: it is not of the form letter=value");
  EXPECT_EQ(message("o=-\r\n"), "SDP line 1: the first line must be v=0");
  EXPECT_EQ(message("v=0\r\nm=video\r\n"), "SDP line 2: an m= line needs media, port, protocol and formats");
  EXPECT_EQ(message("v=0\r\nm=video 99999 RTP/SAVPF 96\r\n"),
            "SDP line 2: an m= line needs media, port, protocol and formats");
  EXPECT_EQ(message(std::string_view("v=0\r\na=x\0y\r\n", 12)), "SDP line 2: it has control characters");
}

TEST(SessionDescription, sizes_are_bounded) {
  std::string many = "v=0\n";
  for (size_t i = 0; i <= kMaxMediaSections; ++i) many += "m=audio 9 RTP/SAVPF 0\n";
  EXPECT_FALSE(SessionDescription::parse(many));
  EXPECT_FALSE(SessionDescription::parse("v=0\na=" + std::string(kMaxLineBytes, 'x')));
  std::string lines = "v=0\n";
  for (size_t i = 0; i < kMaxLines; ++i) lines += "a=x\n";
  EXPECT_FALSE(SessionDescription::parse(lines));
  EXPECT_FALSE(SessionDescription::parse("v=0\n" + std::string(kMaxTextBytes, '\n')));
}

TEST(FormatParameters, names_match_without_case_and_order_is_kept) {
  FormatParameters p("minptime=10; UseInbandFEC=1;;flag");
  EXPECT_EQ(*p.find("useinbandfec"), "1");
  EXPECT_EQ(*p.find("flag"), "");
  EXPECT_EQ(p.find("stereo"), nullptr);
  p.set("stereo", "1");
  p.set("useinbandfec", "0");
  EXPECT_EQ(p.text(), "minptime=10;UseInbandFEC=0;flag;stereo=1");
}

}  // namespace
}  // namespace footlight::sdp
