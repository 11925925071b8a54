#include "rtmp/amf0.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/text_codec.h"
#include "rtmp/command.h"

namespace footlight::rtmp {
namespace {

// The beginning of ffmpeg's connect: "connect" 1 {app: "live", type: "nonprivate"}.
std::vector<uint8_t> connect_bytes() {
  return *from_hex(
      "020007636f6e6e656374003ff000000000000003000361707002"
      "00046c69766500047479706502000a6e6f6e70726976617465000009");
}

TEST(Amf0, a_captured_connect_is_read) {
  auto bytes = connect_bytes();
  auto command = Command::parse(bytes);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->name, "connect");
  EXPECT_EQ(command->transaction, 1);
  EXPECT_EQ(app_of(*command), "live");
}

TEST(Amf0, a_command_cut_at_any_length_is_refused_or_names_no_app) {
  auto bytes = connect_bytes();
  for (size_t n = 0; n < bytes.size(); ++n) {
    auto command = Command::parse(ByteView(bytes).first(n));
    if (n < 19)
      EXPECT_FALSE(command) << n;
    else if (n < 32)
      EXPECT_FALSE(app_of(*command)) << n;
  }
}

TEST(Amf0, what_is_written_is_read_again) {
  ByteBuffer out;
  Amf0Writer w(out);
  w.string("name");
  w.number(-2.5);
  w.begin_object();
  w.name("inner");
  w.begin_object();
  w.name("x");
  w.null();
  w.end_object();
  w.name("y");
  w.number(7);
  w.end_object();
  Amf0Reader r(out.view());
  std::string_view text;
  double number = 0;
  ASSERT_TRUE(r.read_string(text));
  EXPECT_EQ(text, "name");
  ASSERT_TRUE(r.read_number(number));
  EXPECT_EQ(number, -2.5);
  ASSERT_TRUE(r.enter_object());
  ASSERT_EQ(r.property(text), Amf0Reader::Step::kProperty);
  EXPECT_EQ(text, "inner");
  ASSERT_TRUE(r.skip());
  ASSERT_EQ(r.property(text), Amf0Reader::Step::kProperty);
  ASSERT_TRUE(r.read_number(number));
  EXPECT_EQ(number, 7);
  EXPECT_EQ(r.property(text), Amf0Reader::Step::kEnd);
  EXPECT_TRUE(r.done());
}

TEST(Amf0, every_kind_of_value_is_passed_over_whole) {
  for (std::string_view hex : {"003ff0000000000000", "0101", "0200026869", "0300016105000009", "05", "06", "070001",
                               "080000000100016105000009", "0a000000020505", "0b00000000000000000000", "0c000000026869",
                               "0d", "0f000000026869", "1000014100016205000009"}) {
    auto bytes = *from_hex(hex);
    Amf0Reader r(bytes);
    EXPECT_TRUE(r.skip()) << hex;
    EXPECT_TRUE(r.done()) << hex;
    for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(Amf0Reader(ByteView(bytes).first(n)).skip()) << hex << n;
  }
}

TEST(Amf0, objects_nested_beyond_the_bound_are_refused) {
  ByteBuffer out;
  Amf0Writer w(out);
  for (int i = 0; i < 1000; ++i) {
    w.begin_object();
    w.name("a");
  }
  EXPECT_FALSE(Amf0Reader(out.view()).skip());
}

TEST(Amf0, a_strict_array_that_claims_four_billion_values_ends_with_its_bytes) {
  auto bytes = *from_hex("0affffffff0505");
  EXPECT_FALSE(Amf0Reader(bytes).skip());
}

TEST(Command, the_stream_key_is_taken_without_its_query) {
  ByteBuffer out;
  Amf0Writer w(out);
  w.string("publish");
  w.number(4);
  w.null();
  w.string("key?bandwidthtest=true");
  EXPECT_EQ(stream_name_of(*Command::parse(out.view())), "key");
}

TEST(Command, closing_slashes_and_queries_of_an_app_do_not_count) {
  for (std::string_view app : {"live", "live/", "/live", "live?x=y", "live/?x"}) {
    ByteBuffer out;
    Amf0Writer w(out);
    w.string("connect");
    w.number(1);
    w.begin_object();
    w.name("app");
    w.string(app);
    w.end_object();
    EXPECT_EQ(app_of(*Command::parse(out.view())), "live") << app;
  }
}

TEST(Command, the_encoder_is_found_in_its_metadata) {
  ByteBuffer out;
  Amf0Writer w(out);
  w.string("@setDataFrame");
  w.string("onMetaData");
  w.begin_object();
  w.name("width");
  w.number(640);
  w.name("encoder");
  w.string("Lavf59.27.100");
  w.end_object();
  EXPECT_EQ(encoder_of(out.view()), "Lavf59.27.100");
  EXPECT_EQ(encoder_of(out.view().first(20)), "");
}

}  // namespace
}  // namespace footlight::rtmp
