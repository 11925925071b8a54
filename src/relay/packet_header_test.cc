// What the headers of a receiver's packets bear where it agreed on more than they can hold.
#include "relay/packet_header.h"

#include "relay/test_media.h"

namespace footlight::relay {
namespace {

using test::MediaTest;
using test::some_extensions;

// RFC 8285 §4.2: 16 bytes an element.
TEST_F(MediaTest, a_mid_that_is_too_long_for_the_one_byte_form_is_left_out) {
  Producer& producer = add(media::Codec::kOpus);
  ConsumerParameters longest = parameters();
  longest.mid = "a-section-of-16b";
  ConsumerParameters longer = parameters();
  longer.mid = "a-section-of-16b1";
  Consumer whole(longest, transport, counters);
  Consumer none(longer, transport, counters);
  whole.set_track(&track, now);
  none.set_track(&track, now);
  receive(producer, 1, 960, {0xfc, 1}, false, {&whole, &none});
  ASSERT_EQ(transport.sent.size(), 2u);
  const auto first = rtp::PacketView::parse(transport.sent[0].bytes);
  const auto second = rtp::PacketView::parse(transport.sent[1].bytes);
  EXPECT_EQ(rtp::read_extensions(*first, some_extensions()).mid, longest.mid);
  EXPECT_EQ(rtp::read_extensions(*second, some_extensions()).mid, "");
  EXPECT_TRUE(rtp::read_extensions(*second, some_extensions()).abs_send_time);
}

// The descriptors of key frames alone are longer than 16 bytes: without them the others cannot be read.
TEST_F(MediaTest, a_receiver_of_one_byte_headers_alone_is_sent_av1_without_its_descriptor) {
  Producer& producer = add(media::Codec::kAv1);
  ConsumerParameters one_byte = parameters();
  one_byte.extensions.allow_two_byte(false);
  SendPath path(false);
  Consumer consumer(one_byte, transport, counters, &path);
  consumer.set_track(&track, now);
  for (uint16_t seq = 1; seq <= 2; ++seq) {
    std::vector<uint8_t> descriptor(seq == 1 ? 40 : 3, 0x55);
    descriptor[1] = 0;
    descriptor[2] = static_cast<uint8_t>(seq);
    rtp::Extensions extensions;
    extensions.dependency_descriptor = descriptor;
    const uint8_t header = seq == 1 ? 0x18 : 0x10;
    receive(producer, seq, 3000u * seq, {header, 0x08, 0, 0, 0}, true, {&consumer}, extensions);
  }
  ASSERT_EQ(transport.sent.size(), 2u);
  for (const test::Sent& sent : transport.sent) {
    const auto view = rtp::PacketView::parse(sent.bytes);
    EXPECT_TRUE(rtp::read_extensions(*view, some_extensions()).dependency_descriptor.empty());
    EXPECT_EQ(rtp::read_extensions(*view, some_extensions()).mid, "1");
  }
}

}  // namespace
}  // namespace footlight::relay
