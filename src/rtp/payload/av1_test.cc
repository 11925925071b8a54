#include "codec/av1.h"
#include "rtp/payload/av1_payload.h"
#include "rtp/payload/key_frame.h"
#include "rtp/payload/payload_fixture.h"
#include "rtp/payload/picture_size.h"

namespace footlight::rtp {
namespace {

using codec::ObuType;
constexpr PayloadType kAv1(45);

// The first payload of av1.rtp:
//   68        Y, two elements, N: a coded video sequence begins, and its last element goes on
//   0b        eleven bytes:
//   08 …      sequence header, no size field
//   30 …      frame, to be continued
TEST(Av1Payload, the_first_packet_of_a_captured_key_frame) {
  const Bytes packet = datagrams("av1.rtp", kAv1).front();
  const ByteView payload = PacketView::parse(packet)->payload();
  Av1ElementReader elements(payload);
  EXPECT_FALSE(elements.header().continues);
  EXPECT_TRUE(elements.header().to_continue);
  EXPECT_EQ(elements.header().count, 2);
  EXPECT_TRUE(elements.header().new_sequence);
  Av1Element element;
  ASSERT_TRUE(elements.next(element));
  EXPECT_EQ(element.data.size(), 11u);
  EXPECT_TRUE(element.first);
  auto sequence = codec::Obu::parse(element.data);
  ASSERT_TRUE(sequence);
  EXPECT_EQ(sequence->type, ObuType::kSequenceHeader);
  auto header = codec::Av1SequenceHeader::parse(sequence->payload);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->profile, 0);
  EXPECT_EQ(header->max_size, (codec::PictureSize{640, 360}));
  ASSERT_TRUE(elements.next(element));
  EXPECT_TRUE(element.last);
  auto frame = codec::Obu::parse(element.data);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, ObuType::kFrame);
  EXPECT_TRUE(codec::opens_key_frame(*frame));
  EXPECT_FALSE(elements.next(element));
  EXPECT_TRUE(elements.whole());
  EXPECT_TRUE(starts_key_frame(media::Codec::kAv1, payload));
  EXPECT_EQ(picture_size(media::Codec::kAv1, payload), (codec::PictureSize{640, 360}));
}

TEST(Av1Payload, elements_with_and_without_lengths) {
  for (const char* text : {"00"
                           "023200"
                           "0130",
                           "20"
                           "023200"
                           "30"}) {
    const Bytes payload = hex(text);
    Av1ElementReader elements(payload);
    Av1Element element;
    ASSERT_TRUE(elements.next(element)) << text;
    EXPECT_EQ(copy(element.data), hex("3200"));
    ASSERT_TRUE(elements.next(element)) << text;
    EXPECT_EQ(copy(element.data), hex("30"));
    EXPECT_TRUE(element.last);
    EXPECT_FALSE(elements.next(element));
    EXPECT_TRUE(elements.whole());
  }
}

TEST(Av1Payload, an_element_that_does_not_fit_ends_the_walk) {
  const Bytes payload =
      hex("00"
          "0130"
          "0930aa");
  Av1ElementReader elements(payload);
  Av1Element element;
  EXPECT_TRUE(elements.next(element));
  EXPECT_FALSE(elements.next(element));
  EXPECT_FALSE(elements.whole());
  const Bytes endless = hex("00ffffffffffffffffff");
  Av1ElementReader bad(endless);
  EXPECT_FALSE(bad.next(element));
  EXPECT_FALSE(bad.whole());
}

// Every OBU of a temporal unit in the low-overhead format; false where the walk does not end at its end.
bool obus_of(ByteView unit, std::vector<ObuType>& types) {
  while (!unit.empty()) {
    auto obu = codec::Obu::parse(unit);
    if (!obu || !(obu->header[0] & codec::kObuHasSize)) return false;
    types.push_back(obu->type);
    unit = unit.subspan(static_cast<size_t>(obu->payload.data() + obu->payload.size() - unit.data()));
  }
  return true;
}

TEST(Av1Depacketizer, captured_streams_come_out_in_whole_temporal_units) {
  for (const char* name : {"av1.rtp", "av1_svc.rtp"}) {
    Feed feed(media::Codec::kAv1);
    for (const Bytes& d : datagrams(name, kAv1)) feed.push(d);
    ASSERT_GE(feed.frames.size(), 10u) << name;
    for (size_t i = 0; i < feed.frames.size(); ++i) {
      const AssembledFrame& f = feed.frames[i];
      EXPECT_TRUE(f.intact) << name << " " << i;
      EXPECT_EQ(f.frame.key, i == 0) << name << " " << i;
      std::vector<ObuType> types;
      ASSERT_TRUE(obus_of(f.frame.data, types)) << name << " " << i;
      EXPECT_EQ(types.front() == ObuType::kSequenceHeader, i == 0);
      EXPECT_EQ(types.back(), ObuType::kFrame);
    }
  }
}

TEST(Av1Depacketizer, an_obu_over_three_packets_gets_its_size) {
  Feed feed(media::Codec::kAv1);
  feed.push(1, 3000, false,
            hex("68"
                "0208ff"
                "3000aa"));  // sequence header; frame begins
  feed.push(2, 3000, false,
            hex("d0"
                "bb"));  // goes on
  feed.push(3, 3000, true,
            hex("90"
                "cc"));  // ends
  ASSERT_EQ(feed.frames.size(), 1u);
  EXPECT_TRUE(feed.frames[0].intact);
  EXPECT_TRUE(feed.frames[0].frame.key);
  EXPECT_EQ(feed.frames[0].frame.data, hex("0a01ff"
                                           "320400aabbcc"));
}

TEST(Av1Depacketizer, delimiters_and_padding_are_left_out_and_written_sizes_are_kept) {
  Feed feed(media::Codec::kAv1);
  feed.push(1, 3000, true,
            hex("00"
                "0110"
                "0432020155"
                "0278aa"));
  ASSERT_EQ(feed.frames.size(), 1u);
  EXPECT_EQ(feed.frames[0].frame.data, hex("32020155"));
}

TEST(Av1Depacketizer, a_lost_fragment_is_told_and_the_next_sequence_is_whole) {
  Feed feed(media::Codec::kAv1);
  feed.push(1, 3000, false,
            hex("58"
                "3000aa"));
  feed.push(3, 3000, true,
            hex("90"
                "cc"));
  feed.push(4, 6000, true,
            hex("10"
                "3060"));
  feed.push(6, 9000, true,
            hex("28"
                "0208ff"
                "3000"));
  ASSERT_EQ(feed.frames.size(), 3u);
  EXPECT_FALSE(feed.frames[0].intact);
  EXPECT_TRUE(feed.frames[1].intact);
  EXPECT_FALSE(feed.frames[1].frame.key);
  EXPECT_TRUE(feed.frames[2].gap_before);
  EXPECT_TRUE(feed.frames[2].intact) << "N says that it is the first packet";
  EXPECT_TRUE(feed.frames[2].frame.key);
}

TEST(Av1Depacketizer, a_continuation_that_never_comes_is_told) {
  Feed feed(media::Codec::kAv1);
  feed.push(1, 3000, true,
            hex("58"
                "3000aa"));
  feed.push(2, 6000, true,
            hex("10"
                "3060"));
  ASSERT_EQ(feed.frames.size(), 2u);
  EXPECT_FALSE(feed.frames[0].intact);
  EXPECT_TRUE(feed.frames[1].intact);
}

}  // namespace
}  // namespace footlight::rtp
