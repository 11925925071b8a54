#include "ice/tcp_framing.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text_codec.h"
#include "ice/stun_message.h"

namespace footlight::ice {
namespace {

using Bytes = std::vector<uint8_t>;

void append_frame(Bytes& stream, const Bytes& packet) {
  stream.push_back(static_cast<uint8_t>(packet.size() >> 8));
  stream.push_back(static_cast<uint8_t>(packet.size()));
  stream.insert(stream.end(), packet.begin(), packet.end());
}

std::vector<Bytes> packets_of(Deframer& deframer, Bytes read) {
  std::vector<Bytes> packets;
  deframer.put(read);
  while (auto packet = deframer.take_packet()) packets.emplace_back(packet->begin(), packet->end());
  return packets;
}

TEST(Deframer, packets_come_out_as_they_went_in) {
  Bytes stream;
  append_frame(stream, {1, 2, 3});
  append_frame(stream, {4});
  Deframer deframer;
  EXPECT_EQ(packets_of(deframer, stream), (std::vector<Bytes>{{1, 2, 3}, {4}}));
  EXPECT_FALSE(deframer.broken());
}

// Chromium 156's first bytes on an ICE-TCP connection: its nomination (stun_message_test.cc) behind a length of 0x68.
TEST(Deframer, chromiums_first_frame_is_its_binding_request) {
  auto stream = *from_hex(
      "0068000100542112a442596b656c4832462f537578490006000d5654713879784b543a32596d66000000c0570004000003e7802a00086180"
      "bec4bb67a7e000250000002400046e001eff000800145f236c9012511d9c3d913a37f14d1f5a549f67818028000413befb2f");
  Deframer deframer;
  deframer.put(stream);
  auto packet = deframer.take_packet();
  ASSERT_TRUE(packet);
  auto message = parse_stun(*packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->local_ufrag(), "VTq8yxKT");
  EXPECT_FALSE(deframer.take_packet());
}

TEST(Deframer, a_read_may_end_anywhere) {
  Bytes stream;
  append_frame(stream, {1, 2, 3});
  append_frame(stream, Bytes(300, 7));
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    Deframer deframer;
    auto first = packets_of(deframer, Bytes(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(cut)));
    auto second = packets_of(deframer, Bytes(stream.begin() + static_cast<ptrdiff_t>(cut), stream.end()));
    first.insert(first.end(), second.begin(), second.end());
    EXPECT_EQ(first, (std::vector<Bytes>{{1, 2, 3}, Bytes(300, 7)})) << cut;
  }
}

TEST(Deframer, random_packets_survive_random_reads) {
  std::minstd_rand random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<Bytes> sent;
    Bytes stream;
    for (int i = 0; i < 20; ++i) {
      Bytes packet(1 + random() % kMaxFrame, static_cast<uint8_t>(random()));
      append_frame(stream, packet);
      sent.push_back(std::move(packet));
      if (random() % 4 == 0) append_frame(stream, {});
    }
    std::vector<Bytes> heard;
    Deframer deframer;
    for (size_t at = 0; at < stream.size();) {
      size_t size = std::min<size_t>(random() % 3 == 0 ? 1 + random() % 3 : 1 + random() % 4000, stream.size() - at);
      auto begin = stream.begin() + static_cast<ptrdiff_t>(at);
      for (auto& packet : packets_of(deframer, Bytes(begin, begin + static_cast<ptrdiff_t>(size))))
        heard.push_back(std::move(packet));
      at += size;
    }
    ASSERT_EQ(heard, sent);
  }
}

TEST(Deframer, empty_frames_are_nothing) {
  Deframer deframer;
  EXPECT_TRUE(packets_of(deframer, {0, 0, 0, 0, 0}).empty());
  EXPECT_EQ(packets_of(deframer, {1, 9}), (std::vector<Bytes>{{9}}));
  EXPECT_FALSE(deframer.broken());
}

TEST(Deframer, a_frame_beyond_the_bound_breaks_it_for_good) {
  for (size_t cut : {size_t{1}, size_t{2}, size_t{5}}) {
    Bytes stream = {0x05, 0xdd, 1, 2, 3, 4};  // 1501
    Deframer deframer;
    (void)packets_of(deframer, Bytes(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(cut)));
    (void)packets_of(deframer, Bytes(stream.begin() + static_cast<ptrdiff_t>(cut), stream.end()));
    EXPECT_TRUE(deframer.broken());
    EXPECT_TRUE(packets_of(deframer, {0, 1, 1}).empty());
  }
  Deframer largest;
  Bytes stream;
  append_frame(stream, Bytes(kMaxFrame, 1));
  EXPECT_EQ(packets_of(largest, stream).size(), 1U);
}

TEST(Deframer, packets_may_be_worked_on_in_place_whole_or_cut) {
  Bytes stream;
  append_frame(stream, {1, 1});
  append_frame(stream, {2, 2});
  Deframer deframer;
  for (uint8_t& byte : stream) {
    deframer.put({&byte, 1});
    while (auto packet = deframer.take_packet()) std::ranges::fill(*packet, uint8_t{0xff});
  }
  EXPECT_FALSE(deframer.broken());
}

}  // namespace
}  // namespace footlight::ice
