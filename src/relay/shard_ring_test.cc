// The ring between two shards, on two threads.
#include "relay/shard_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace footlight::relay {
namespace {

RingRecord packet(uint64_t number, MutableByteView payload) {
  RingRecord record;
  record.kind = RingRecord::Kind::kPacket;
  record.publication = number;
  record.packet.payload = payload;
  return record;
}

TEST(ShardRing, gives_records_in_order_with_their_bytes) {
  ShardRing ring;
  std::array<uint8_t, 4> bytes = {1, 2, 3, 4};
  std::array<uint8_t, 2> descriptor = {8, 9};
  RingRecord record = packet(7, bytes);
  record.packet.descriptor = descriptor;
  ASSERT_TRUE(ring.push(record));
  bytes.fill(0);
  ASSERT_TRUE(ring.push(packet(8, {})));
  const RingRecord* first = ring.front();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->publication, 7u);
  ASSERT_EQ(first->packet.payload.size(), 4u);
  EXPECT_EQ(first->packet.payload[3], 4);
  EXPECT_EQ(first->packet.descriptor[1], 9);
  ring.pop();
  EXPECT_EQ(ring.front()->publication, 8u);
  ring.pop();
  EXPECT_FALSE(ring.front());
}

TEST(ShardRing, refuses_when_it_is_full_and_takes_again_when_there_is_room) {
  ShardRing ring;
  for (uint64_t i = 0; i < ShardRing::kSlots; ++i) ASSERT_TRUE(ring.push(packet(i, {})));
  EXPECT_FALSE(ring.push(packet(1, {})));
  ASSERT_TRUE(ring.front());
  ring.pop();
  EXPECT_TRUE(ring.push(packet(ShardRing::kSlots, {})));
  for (uint64_t i = 1; i <= ShardRing::kSlots; ++i) {
    EXPECT_EQ(ring.front()->publication, i);
    ring.pop();
  }
  EXPECT_FALSE(ring.front());
}

TEST(ShardRing, carries_everything_in_order_from_thread_to_thread) {
  constexpr uint64_t kRecords = 20'000;
  ShardRing ring;
  std::thread pusher([&] {
    std::array<uint8_t, 16> bytes{};
    for (uint64_t i = 0; i < kRecords; ++i) {
      bytes.fill(static_cast<uint8_t>(i));
      while (!ring.push(packet(i, MutableByteView(bytes).first(i % 17)))) std::this_thread::yield();
    }
  });
  for (uint64_t i = 0; i < kRecords;) {
    const RingRecord* record = ring.front();
    if (!record) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(record->publication, i);
    ASSERT_EQ(record->packet.payload.size(), i % 17);
    for (uint8_t byte : record->packet.payload) ASSERT_EQ(byte, static_cast<uint8_t>(i));
    ring.pop();
    ++i;
  }
  pusher.join();
}

}  // namespace
}  // namespace footlight::relay
