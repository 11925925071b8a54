#include "token/jwt.h"

#include <gtest/gtest.h>

#include "base/text_codec.h"
#include "token/hmac.h"

namespace footlight::token {
namespace {

const Secret kKey{"0123456789abcdef0123456789abcdef"};
const WallTime kNow = WallTime::millis(1'800'000'000'000);
const Claims kAnna{
    .jti = "t1", .event = "demo", .role = Role::kPresenter, .name = "Ännä", .sub = "t1", .exp = 1'800'000'060};

std::string forged(std::string_view header, std::string_view payload) {
  const std::string text = to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(payload));
  return text + "." + to_base64url(hmac_sha256(kKey, text));
}
constexpr std::string_view kGoodHeader = R"({"alg":"HS256","typ":"JWT"})";

TEST(Jwt, a_signed_token_verifies_and_gives_its_claims_back) {
  auto claims = verify(sign(kAnna, kKey), kKey, kNow);
  ASSERT_TRUE(claims);
  EXPECT_EQ(*claims, kAnna);
}

TEST(Jwt, the_hmac_is_that_of_rfc_4231_case_2) {
  EXPECT_EQ(to_hex(hmac_sha256(Secret("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Jwt, the_same_claims_give_the_same_text) { EXPECT_EQ(sign(kAnna, kKey), sign(kAnna, kKey)); }

TEST(Jwt, a_token_expires_in_the_second_it_names) {
  const auto text = sign(kAnna, kKey);
  EXPECT_TRUE(verify(text, kKey, WallTime::millis(1'800'000'059'999)));
  auto late = verify(text, kKey, WallTime::millis(1'800'000'060'000));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), TokenError::kExpired);
}

TEST(Jwt, another_key_is_refused) {
  EXPECT_EQ(verify(sign(kAnna, Secret("other")), kKey, kNow).error(), TokenError::kSignature);
}

TEST(Jwt, alg_none_is_refused_before_anything_else) {
  const auto none = to_base64url(as_bytes(R"({"alg":"none"})"));
  EXPECT_EQ(verify(none + ".e30.", kKey, kNow).error(), TokenError::kAlgorithm);
  EXPECT_EQ(verify(forged(R"({"alg":"HS512","typ":"JWT"})", "{}"), kKey, kNow).error(), TokenError::kAlgorithm);
}

TEST(Jwt, every_changed_character_is_refused) {
  const auto text = sign(kAnna, kKey);
  for (size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify(changed, kKey, kNow)) << i;
  }
}

TEST(Jwt, every_truncation_is_refused) {
  const auto text = sign(kAnna, kKey);
  for (size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(verify(text.substr(0, n), kKey, kNow)) << n;
  EXPECT_FALSE(verify(text + "A", kKey, kNow));
  EXPECT_FALSE(verify(text + ".", kKey, kNow));
}

TEST(Jwt, signed_claims_that_are_incomplete_or_ill_typed_are_refused) {
  for (std::string_view payload :
       {"{}", "[]", "nonsense", R"({"jti":"a","event":"e","role":"admin","name":"","sub":"s","exp":9999999999})",
        R"({"jti":"","event":"e","role":"viewer","name":"","sub":"s","exp":9999999999})",
        R"({"jti":"a","event":"e","role":"viewer","name":"","sub":"s","exp":"9999999999"})",
        R"({"jti":"a","event":"e","role":"viewer","name":"","sub":"s","exp":1e99})",
        R"({"jti":"a","event":"e","role":"viewer","name":7,"sub":"s","exp":9999999999})"}) {
    auto claims = verify(forged(kGoodHeader, payload), kKey, kNow);
    ASSERT_FALSE(claims) << payload;
    EXPECT_EQ(claims.error(), TokenError::kClaims) << payload;
  }
}

TEST(Jwt, an_overlong_text_is_refused_unread) {
  EXPECT_EQ(verify(std::string(kMaxTokenChars + 1, 'a'), kKey, kNow).error(), TokenError::kMalformed);
}

}  // namespace
}  // namespace footlight::token
