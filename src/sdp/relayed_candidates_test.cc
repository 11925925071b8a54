#include "sdp/relayed_candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace footlight::sdp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(RelayedCandidates, are_found_among_a_browsers_others) {
  constexpr std::string_view kFragment =
      "a=ice-ufrag:Xq4+\r\na=ice-pwd:0sQ3xRk1mT8vLw2yBz6nHd5e\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
      "a=candidate:1853887674 1 udp 2122260223 192.0.2.7 46154 typ host generation 0 network-id 1\r\n"
      "a=candidate:842163049 1 udp 1686052607 198.51.100.4 46154 typ srflx raddr 192.0.2.7 rport 46154\r\n"
      "a=candidate:3098175849 1 udp 41885439 203.0.113.9 61022 typ relay raddr 198.51.100.4 rport 46154\r\n"
      "a=candidate:77 1 udp 25108223 2001:db8::9 50001 typ relay raddr :: rport 0\n"
      "a=end-of-candidates\r\n";
  EXPECT_THAT(relayed_candidates(kFragment),
              ElementsAre(*SocketAddress::parse("203.0.113.9:61022"), *SocketAddress::parse("[2001:db8::9]:50001")));
}

TEST(RelayedCandidates, what_cannot_be_read_is_passed_over) {
  for (std::string_view line :
       {"a=candidate:", "a=candidate:1 1 udp 1 203.0.113.9 61022 typ", "a=candidate:1 1 udp 1 x.local 9 typ relay",
        "a=candidate:1 1 udp 1 203.0.113.9 0 typ relay", "a=candidate:1 1 udp 1 203.0.113.9 70000 typ relay",
        "a=candidate:1 1 udp 1 203.0.113.9 9x typ relay", "a=candidate:1 1 udp 1 203.0.113.9 9 tip relay",
        "b=candidate:1 1 udp 1 203.0.113.9 9 typ relay", ""})
    EXPECT_THAT(relayed_candidates(line), IsEmpty()) << line;
  const std::string whole = "a=candidate:1 1 udp 1 203.0.113.9 61022 typ relay";
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_THAT(relayed_candidates(std::string_view(whole).substr(0, size)), IsEmpty()) << size;
}

TEST(RelayedCandidates, are_bounded) {
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "a=candidate:1 1 udp 1 203.0.113.9 " + std::to_string(1000 + i) + " typ relay\r\n";
  EXPECT_EQ(relayed_candidates(many).size(), kMaxRelayedCandidates);
}

}  // namespace
}  // namespace footlight::sdp
