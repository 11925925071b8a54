#include "ice/stun_message.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/text_codec.h"

namespace footlight::ice {
namespace {

// RFC 5769 §2.1: a binding request with SOFTWARE "STUN test client", PRIORITY 0x6e0001ff, ICE-CONTROLLED,
// USERNAME "evtj:h6vY" (padded with spaces), MESSAGE-INTEGRITY and FINGERPRINT.
constexpr std::string_view kSampleRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b1"
    "51263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
// RFC 5769 §2.2: the answer, 192.0.2.1 port 32853.
constexpr std::string_view kSampleResponse =
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599"
    "fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
// RFC 5769 §2.3: the same for 2001:db8:1234:5678:11:2233:4455:6677 port 32853.
constexpr std::string_view kSampleV6Response =
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5"
    "bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";
constexpr std::string_view kSamplePassword = "VOkJxbRl1RmTxUk/WvJxBt";

TEST(StunMessage, reads_the_rfcs_sample_request) {
  auto bytes = *from_hex(kSampleRequest);
  auto m = parse_stun(bytes);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->cls, StunClass::kRequest);
  EXPECT_EQ(m->method, kBindingMethod);
  EXPECT_EQ(m->username, "evtj:h6vY");
  EXPECT_EQ(m->local_ufrag(), "evtj");
  EXPECT_EQ(m->priority, 0x6e0001ffU);
  EXPECT_EQ(m->controlled, 0x932ff9b151263b36U);
  EXPECT_TRUE(m->has_fingerprint);
  EXPECT_TRUE(verify_integrity(*m, kSamplePassword));
  EXPECT_FALSE(verify_integrity(*m, "VOkJxbRl1RmTxUk/WvJxBu"));
}

TEST(StunMessage, reads_the_rfcs_sample_responses) {
  auto v4_bytes = *from_hex(kSampleResponse);
  auto v4 = parse_stun(v4_bytes);
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->cls, StunClass::kSuccess);
  EXPECT_EQ(v4->mapped_address->to_string(), "192.0.2.1:32853");
  EXPECT_TRUE(verify_integrity(*v4, kSamplePassword));
  auto v6_bytes = *from_hex(kSampleV6Response);
  auto v6 = parse_stun(v6_bytes);
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->mapped_address->to_string(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  EXPECT_TRUE(verify_integrity(*v6, kSamplePassword));
}

// Chromium 156 on its chosen pair: USERNAME, NETWORK-COST (0xC057, unknown to us), ICE-CONTROLLING, USE-CANDIDATE,
// PRIORITY, MESSAGE-INTEGRITY, FINGERPRINT.
constexpr std::string_view kChromiumRequest =
    "000100542112a442596b656c4832462f537578490006000d5654713879784b543a32596d66000000c0570004000003e7802a00086180bec4"
    "bb67a7e000250000002400046e001eff000800145f236c9012511d9c3d913a37f14d1f5a549f67818028000413befb2f";

TEST(StunMessage, reads_chromiums_nomination) {
  auto bytes = *from_hex(kChromiumRequest);
  auto m = parse_stun(bytes);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->username, "VTq8yxKT:2Ymf");
  EXPECT_EQ(m->local_ufrag(), "VTq8yxKT");
  EXPECT_TRUE(m->use_candidate);
  EXPECT_EQ(m->controlling, 0x6180bec4bb67a7e0U);
  EXPECT_EQ(m->priority, 0x6e001effU);
  EXPECT_TRUE(m->has_fingerprint);
  EXPECT_EQ(m->unknown_attribute, std::nullopt);
}

TEST(StunMessage, what_is_written_is_read) {
  for (const char* address : {"203.0.113.9:7000", "[2001:db8::9]:7000"}) {
    TransactionId id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    std::array<uint8_t, kMaxStunSize> buffer{};
    StunWriter writer(buffer, StunClass::kRequest, kBindingMethod, id);
    writer.username("abc:defgh").priority(77).use_candidate().nomination(3).controlling(1ULL << 60);
    writer.xor_mapped_address(*SocketAddress::parse(address));
    size_t size = writer.finish("password");
    ASSERT_GT(size, 0U);
    auto m = parse_stun(ByteView(buffer).first(size));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->transaction, id);
    EXPECT_EQ(m->username, "abc:defgh");
    EXPECT_EQ(m->priority, 77U);
    EXPECT_TRUE(m->use_candidate);
    EXPECT_EQ(m->nomination, 3U);
    EXPECT_EQ(m->controlling, 1ULL << 60);
    EXPECT_EQ(m->mapped_address->to_string(), address);
    EXPECT_TRUE(verify_integrity(*m, "password"));
  }
}

TEST(StunMessage, an_error_keeps_its_code) {
  std::array<uint8_t, kMaxStunSize> buffer{};
  size_t size = StunWriter(buffer, StunClass::kError, kBindingMethod, {}).error(487, "Role Conflict").finish("x");
  auto m = parse_stun(ByteView(buffer).first(size));
  ASSERT_TRUE(m);
  EXPECT_EQ(m->cls, StunClass::kError);
  EXPECT_EQ(m->error_code, 487);
}

TEST(StunMessage, truncated_at_every_length_is_refused) {
  auto bytes = *from_hex(kSampleRequest);
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(parse_stun(ByteView(bytes).first(size))) << size;
  bytes.push_back(0);
  EXPECT_EQ(parse_stun(bytes).error(), StunParseError::kBadLength);
}

TEST(StunMessage, any_flipped_bit_breaks_the_fingerprint_or_more) {
  auto bytes = *from_hex(kSampleRequest);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto forged = bytes;
    forged[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    auto m = parse_stun(forged);
    EXPECT_TRUE(!m || !m->has_fingerprint || !verify_integrity(*m, kSamplePassword)) << bit;
  }
}

TEST(StunMessage, attributes_behind_the_integrity_are_not_believed) {
  std::array<uint8_t, kMaxStunSize> buffer{};
  size_t size = StunWriter(buffer, StunClass::kRequest, kBindingMethod, {}).username("a:b").finish("password");
  // Put USE-CANDIDATE where FINGERPRINT was, as someone on the way could.
  std::vector<uint8_t> forged(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(size - 8));
  for (int b : {0x00, 0x25, 0x00, 0x00}) forged.push_back(static_cast<uint8_t>(b));
  forged[3] = static_cast<uint8_t>(forged.size() - kStunHeaderSize);
  auto m = parse_stun(forged);
  ASSERT_TRUE(m);
  EXPECT_FALSE(m->use_candidate);
  EXPECT_TRUE(verify_integrity(*m, "password"));
}

TEST(StunMessage, an_unknown_attribute_that_must_be_understood_is_reported) {
  std::vector<uint8_t> bytes = {0x00, 0x01, 0x00, 0x04, 0x21, 0x12, 0xa4, 0x42, 0,    0,    0,    0,
                                0,    0,    0,    0,    0,    0,    0,    0,    0x00, 0x77, 0x00, 0x00};
  EXPECT_EQ(parse_stun(bytes)->unknown_attribute, 0x0077);
  bytes[20] = 0x80;
  EXPECT_EQ(parse_stun(bytes)->unknown_attribute, std::nullopt);
}

TEST(StunMessage, a_buffer_that_is_too_small_gives_nothing) {
  for (size_t room = 0; room < 60; ++room) {
    std::vector<uint8_t> buffer(room);
    EXPECT_EQ(StunWriter(buffer, StunClass::kRequest, kBindingMethod, {}).username("abcd:efgh").finish("password"), 0U);
  }
}

}  // namespace
}  // namespace footlight::ice
