#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"
#include "base/rfc3339.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/text_codec.h"
#include "base/units.h"
#include "base/utf8.h"

namespace footlight {
namespace {

TEST(ByteReader, reads_network_order_and_stops_at_the_end) {
  const uint8_t raw[] = {0x12, 0x34, 0x56, 0x78, 0x9a};
  ByteReader r(raw);
  uint16_t a = 0;
  uint32_t b = 7;
  ASSERT_TRUE(r.read_u16(a));
  EXPECT_EQ(a, 0x1234);
  EXPECT_FALSE(r.read_u32(b));
  EXPECT_EQ(b, 7u) << "a failed read leaves the value alone";
  EXPECT_EQ(r.remaining(), 3u);
}

TEST(ByteWriter, a_write_that_does_not_fit_fails_for_good) {
  uint8_t raw[3] = {};
  ByteWriter w(raw);
  w.u16(0xabcd);
  w.u16(1);
  w.u8(2);
  EXPECT_FALSE(w.ok());
  EXPECT_EQ(w.size(), 2u);
  EXPECT_EQ(raw[2], 0);
}

TEST(Utf8, the_edges_of_rfc_3629_are_kept) {
  for (const char* good : {"", "a", "\x7f", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
                           "stra\xc3\x9f"
                           "e"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xff", "caf\xe9", "\xc0\xaf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe2\x82",
                          "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(TextCodec, every_length_round_trips_and_bad_text_is_refused) {
  for (size_t n = 0; n < 40; ++n) {
    std::vector<uint8_t> raw(n);
    random_fill(raw);
    EXPECT_EQ(from_base64(to_base64(raw)), raw);
    EXPECT_EQ(from_base64url(to_base64url(raw)), raw);
    EXPECT_EQ(from_hex(to_hex(raw)), raw);
  }
  EXPECT_EQ(to_base64(as_bytes("footlight")), "Zm9vdGxpZ2h0");
  EXPECT_FALSE(from_base64("abc"));
  EXPECT_FALSE(from_base64url("a"));
  EXPECT_FALSE(from_base64url("ab+/"));
  EXPECT_FALSE(from_base64url("ab")) << "left-over bits that are not zero";
  EXPECT_FALSE(from_hex("0G"));
}

TEST(Rfc3339, prints_milliseconds_and_reads_offsets) {
  WallTime t = WallTime::millis(1'700'000'000'123);
  EXPECT_EQ(to_rfc3339(t), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20.123Z"), t);
  EXPECT_EQ(parse_rfc3339("2023-11-15T00:13:20.123+02:00"), t);
  for (auto bad : {"", "2023-11-14", "2023-13-14T22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z",
                   "2023-11-14T22:13:20Zx"})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(Secret, matches_only_itself) {
  Secret s("hunter2");
  EXPECT_TRUE(s.matches("hunter2"));
  EXPECT_FALSE(s.matches("hunter3"));
  EXPECT_FALSE(s.matches("hunter22"));
}

}  // namespace
}  // namespace footlight
