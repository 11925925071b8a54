#include "load/answer.h"

#include <gtest/gtest.h>

#include <string>

namespace footlight::load {
namespace {

const std::string kFingerprint =
    "a=fingerprint:sha-256 "
    "6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08\r\n";

// As our own relay answers: ICE lite, transport lines in each section, RTX beside the codec.
const std::string kOwn =
    "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE 0 1\r\n"
    "m=audio 7000 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 127.0.0.1\r\na=mid:0\r\na=sendonly\r\na=ice-ufrag:Lufr\r\n"
    "a=ice-pwd:passwordpasswordpassword\r\n" +
    kFingerprint +
    "a=setup:passive\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=candidate:1 1 udp 2130706431 127.0.0.1 7000 typ host\r\na=candidate:2 1 udp 2130706175 192.0.2.7 7000 typ "
    "host\r\n"
    "a=end-of-candidates\r\n"
    "m=video 7000 UDP/TLS/RTP/SAVPF 106 107\r\nc=IN IP4 127.0.0.1\r\na=mid:1\r\na=sendonly\r\na=ice-ufrag:Lufr\r\n"
    "a=ice-pwd:passwordpasswordpassword\r\n" +
    kFingerprint +
    "a=setup:passive\r\na=rtcp-mux\r\na=rtpmap:106 H264/90000\r\na=fmtp:106 packetization-mode=1\r\n"
    "a=rtcp-fb:106 nack\r\na=rtcp-fb:106 nack pli\r\na=rtpmap:107 rtx/90000\r\na=fmtp:107 apt=106\r\n"
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";

// As pion writes (MediaMTX, LiveKit): a full agent that is DTLS client, fingerprint above the sections, candidates of
// two components and of TCP, mDNS names, the same line in every section.
const std::string kPion =
    "v=0\r\no=- 5486 1766 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=msid-semantic:WMS*\r\n" + kFingerprint +
    "a=extmap-allow-mixed\r\na=group:BUNDLE 0 1\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=setup:active\r\na=mid:1\r\na=ice-ufrag:uvWx\r\n"
    "a=ice-pwd:anotherpasswordanother\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb "
    "\r\n"
    "a=rtcp-fb:96 nack \r\na=rtcp-fb:96 transport-cc \r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\na=sendonly\r\n"
    "a=candidate:33 1 udp 1694498815 198.51.100.4 8189 typ srflx raddr 0.0.0.0 rport 8189\r\n"
    "a=candidate:33 2 udp 1694498815 198.51.100.4 8189 typ srflx raddr 0.0.0.0 rport 8189\r\n"
    "a=candidate:25 1 udp 2130706431 172.17.0.2 8189 typ host ufrag uvWx\r\n"
    "a=candidate:25 1 udp 2130706431 172.17.0.2 8189 typ host ufrag uvWx\r\n"
    "a=candidate:77 1 tcp 1671430143 172.17.0.2 8189 typ host tcptype passive\r\n"
    "a=candidate:78 1 udp 2130706431 3a1e-77.local 8189 typ host\r\na=end-of-candidates\r\n";

// As an old server may: no candidates, but a c= line and a port; ICE above the sections; line feeds alone.
const std::string kBare =
    "v=0\no=- 0 0 IN IP4 203.0.113.5\ns=-\nc=IN IP4 203.0.113.5\nt=0 "
    "0\na=ice-ufrag:abcd\na=ice-pwd:passwordpasswordpassword\n" +
    kFingerprint + "m=audio 30000 RTP/SAVPF 8\na=setup:passive\na=rtpmap:8 PCMA/8000\n";

TEST(Answer, of_our_relay_gives_candidates_codecs_and_feedback) {
  Answer answer = Answer::parse(kOwn).value();
  EXPECT_EQ(answer.ice.ufrag, "Lufr");
  EXPECT_TRUE(answer.fingerprint);
  EXPECT_FALSE(answer.server_is_dtls_client);
  ASSERT_EQ(answer.candidates.size(), 2u);
  EXPECT_EQ(answer.candidates[0].to_string(), "127.0.0.1:7000");
  EXPECT_EQ(answer.candidates[1].to_string(), "192.0.2.7:7000");
  ASSERT_EQ(answer.tracks.size(), 2u);
  EXPECT_TRUE(answer.tracks[0].transport_feedback);
  const AnsweredTrack& video = answer.tracks[1];
  EXPECT_FALSE(video.transport_feedback) << "the extension alone is no agreement";
  EXPECT_TRUE(video.nack);
  EXPECT_EQ(video.format_of(rtp::PayloadType(106))->codec, media::Codec::kH264);
  EXPECT_EQ(video.format_of(rtp::PayloadType(107))->repairs, rtp::PayloadType(106));
  EXPECT_EQ(video.format_of(rtp::PayloadType(96)), nullptr);
}

TEST(Answer, of_a_full_agent_that_is_dtls_client_is_understood) {
  Answer answer = Answer::parse(kPion).value();
  EXPECT_TRUE(answer.server_is_dtls_client);
  EXPECT_EQ(answer.ice.ufrag, "uvWx");
  ASSERT_EQ(answer.candidates.size(), 2u) << "no TCP, no second component, no name, nothing twice";
  EXPECT_EQ(answer.candidates[0].to_string(), "172.17.0.2:8189") << "by priority, not by place";
  ASSERT_EQ(answer.tracks.size(), 1u) << "the rejected section is none";
  EXPECT_TRUE(answer.tracks[0].transport_feedback);
  EXPECT_TRUE(answer.tracks[0].nack);
}

TEST(Answer, without_candidates_names_the_address_of_its_c_line) {
  Answer answer = Answer::parse(kBare).value();
  ASSERT_EQ(answer.candidates.size(), 1u);
  EXPECT_EQ(answer.candidates[0].to_string(), "203.0.113.5:30000");
  EXPECT_FALSE(answer.tracks[0].format_of(rtp::PayloadType(8))->codec) << "a codec that we do not read";
}

TEST(Answer, that_misses_what_a_client_needs_is_refused_with_a_sentence) {
  auto refusal = [](std::string text, const std::string& without) {
    for (size_t at = 0; (at = text.find(without, at)) != std::string::npos;)
      text.erase(at, text.find('\n', at) - at + 1);
    auto answer = Answer::parse(text);
    return answer ? "" : answer.error().message;
  };
  EXPECT_EQ(refusal(kOwn, "a=nothing"), "");
  EXPECT_NE(refusal(kOwn, "a=ice-ufrag").find("ICE credentials"), std::string::npos);
  EXPECT_NE(refusal(kOwn, "a=ice-pwd").find("ICE credentials"), std::string::npos);
  EXPECT_NE(refusal(kOwn, "a=fingerprint").find("fingerprint"), std::string::npos);
  EXPECT_NE(refusal(kPion, "a=candidate").find("candidate"), std::string::npos);
  EXPECT_NE(refusal(kPion, "m=video").find("neither"), std::string::npos);
  EXPECT_FALSE(Answer::parse("hello"));
}

TEST(Answer, cut_short_at_any_byte_is_refused_or_usable) {
  for (const std::string& text : {kOwn, kPion, kBare})
    for (size_t length = 0; length < text.size(); ++length) {
      auto answer = Answer::parse(text.substr(0, length));
      if (answer) EXPECT_FALSE(answer->candidates.empty() || answer->tracks.empty());
    }
}

}  // namespace
}  // namespace footlight::load
