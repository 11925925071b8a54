#include "sdp/sdpfrag.h"

#include "sdp/test_offer.h"

namespace footlight::sdp {
namespace {

TEST(SdpFrag, trickle_and_restart_are_told_apart) {
  auto trickle = SdpFrag::parse(
      "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF "
      "111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
      "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"
      "a=candidate:3471623853 1 udp 2122194687 0f6a2c5e-9d3b-4e2f.local 61765 typ host\r\na=end-of-candidates\r\n");
  ASSERT_TRUE(trickle) << trickle.error().message;
  EXPECT_EQ(trickle->ice_ufrag, "EsAw");
  EXPECT_EQ(trickle->candidates.size(), 2u);
  EXPECT_TRUE(trickle->end_of_candidates);
  EXPECT_EQ(trickle->mid, "0");
  auto restart = SdpFrag::parse("a=ice-options:trickle ice2\na=ice-ufrag:ysXw\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\n");
  ASSERT_TRUE(restart);
  EXPECT_EQ(restart->ice_pwd, "vw5LmwG4y/e6dPP/zAP9Gp5k");
  EXPECT_TRUE(restart->candidates.empty());
}

TEST(SdpFrag, what_is_no_fragment_is_refused_with_a_sentence) {
  for (auto bad : {"", "hello", "a=ice-ufrag:EsAw\r\n", "a=mid:0\r\n", "a=ice-ufrag:E\r\na=ice-pwd:short\r\n",
                   "m=audio\r\na=end-of-candidates\r\n"}) {
    auto frag = SdpFrag::parse(bad);
    ASSERT_FALSE(frag) << bad;
    EXPECT_TRUE(frag.error().message.ends_with('.'));
  }
}

TEST(SdpFrag, the_answer_to_a_restart_names_our_side_and_reads_back) {
  auto request = SdpFrag::parse(
      "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a0\r\n");
  ASSERT_TRUE(request);
  std::string text = write_sdpfrag(*request, test_local());
  EXPECT_EQ(replaced(text, "\r\n", "\n"), R"(a=ice-lite
a=ice-options:trickle
a=ice-ufrag:Lufr
a=ice-pwd:LocalPasswordOf24Chars+/
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:a0
a=candidate:1 1 udp 2130706431 127.0.0.1 7000 typ host
a=candidate:2 1 udp 2130706175 192.0.2.7 7000 typ host
a=end-of-candidates
)");
  auto back = SdpFrag::parse(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->candidates.size(), 2u);
}

}  // namespace
}  // namespace footlight::sdp
