#include <gtest/gtest.h>

#include "base/text_codec.h"
#include "rtp/demux.h"
#include "rtp/header_extensions.h"
#include "rtp/ntp.h"
#include "rtp/packet_view.h"
#include "rtp/packet_writer.h"
#include "rtp/rtx.h"
#include "rtp/types.h"

namespace footlight::rtp {
namespace {

using Bytes = std::vector<uint8_t>;
Bytes hex(std::string_view text) { return from_hex(text).value(); }
Bytes copy(ByteView v) { return {v.begin(), v.end()}; }

// A video packet in Chromium's form:
//   90 e6 1a2b 01020304 cafebabe   V=2 X=1, M=1 PT=102, sequence, time, SSRC
//   bede 0004                      one-byte extensions, 4 words
//   22 aabbcc                      id 2, 3 bytes: abs-send-time
//   31 0007                        id 3, 2 bytes: transport-wide sequence
//   40 31                          id 4, 1 byte: mid "1"
//   a1 6869                        id 10, 2 bytes: rid "hi"
//   00000000                       padding
//   7c85 b800                      payload: FU-A, start of an IDR
constexpr std::string_view kVideoPacket =
    "90e61a2b01020304cafebabe"
    "bede0004"
    "22aabbcc"
    "310007"
    "4031"
    "a16869"
    "00000000"
    "7c85b800";

ExtensionMap chromium_map() {
  ExtensionMap map;
  map.set(ExtensionType::kAbsSendTime, 2);
  map.set(ExtensionType::kTransportSequence, 3);
  map.set(ExtensionType::kMid, 4);
  map.set(ExtensionType::kRid, 10);
  return map;
}

TEST(PacketView, fields_extensions_and_payload_of_a_video_packet) {
  Bytes raw = hex(kVideoPacket);
  auto packet = PacketView::parse(raw);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->marker());
  EXPECT_EQ(packet->payload_type(), PayloadType(102));
  EXPECT_EQ(packet->seq(), SeqNum(0x1a2b));
  EXPECT_EQ(packet->time(), RtpTime(0x01020304));
  EXPECT_EQ(packet->ssrc(), Ssrc(0xcafebabe));
  EXPECT_EQ(packet->header_size(), 32u);
  EXPECT_EQ(copy(packet->payload()), hex("7c85b800"));
  Extensions e = read_extensions(*packet, chromium_map());
  EXPECT_EQ(e.abs_send_time, 0xaabbccu);
  EXPECT_EQ(e.transport_sequence, SeqNum(7));
  EXPECT_EQ(e.mid, "1");
  EXPECT_EQ(e.rid, "hi");
  EXPECT_FALSE(e.audio_level);
  EXPECT_EQ(copy(packet->extension(4).value()), hex("31"));
  EXPECT_FALSE(packet->extension(5));
}

TEST(PacketView, csrc_padding_and_two_byte_extensions_are_understood) {
  // V=2 P=1 X=1 CC=2; profile 1000, 3 words: id 1 empty, id 20 with 5 bytes, pad; 3 bytes of payload, 1 of padding
  Bytes raw =
      hex("b2600001"
          "00000002"
          "00000003"
          "00000011"
          "00000022"
          "10000003"
          "0100"
          "14050102030405"
          "000000"
          "aabbcc"
          "01");
  auto packet = PacketView::parse(raw);
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->csrc_count(), 2u);
  EXPECT_EQ(packet->csrc(1), Ssrc(0x22));
  EXPECT_EQ(packet->padding_size(), 1u);
  EXPECT_EQ(copy(packet->payload()), hex("aabbcc"));
  EXPECT_EQ(copy(packet->extension(20).value()), hex("0102030405"));
  EXPECT_TRUE(packet->extension(1)->empty());
}

TEST(PacketView, a_padding_only_packet_has_an_empty_payload) {
  Bytes raw =
      hex("a0600001"
          "00000002"
          "00000003"
          "000003");
  auto packet = PacketView::parse(raw);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->payload().empty());
  EXPECT_EQ(packet->padding_size(), 3u);
}

TEST(PacketView, each_fault_has_its_reason) {
  auto reason = [](std::string_view text) { return PacketView::parse(hex(text)).error(); };
  EXPECT_EQ(reason("8060000100000002000000"), PacketError::kTooShort);
  EXPECT_EQ(reason("406000010000000200000003"), PacketError::kBadVersion);
  EXPECT_EQ(reason("8160000100000002000000030000"), PacketError::kCsrcPastEnd);
  EXPECT_EQ(reason("906000010000000200000003bede00"), PacketError::kExtensionPastEnd);
  EXPECT_EQ(reason("906000010000000200000003bede0002aabbccdd"), PacketError::kExtensionPastEnd);
  EXPECT_EQ(reason("a06000010000000200000003aa00"), PacketError::kBadPadding);
  EXPECT_EQ(reason("a06000010000000200000003aa03"), PacketError::kBadPadding);
}

TEST(PacketView, truncation_at_every_length_never_reads_past_the_end) {
  Bytes raw = hex(kVideoPacket);
  for (size_t n = 0; n < raw.size(); ++n) {
    Bytes cut(raw.begin(), raw.begin() + static_cast<ptrdiff_t>(n));
    auto packet = PacketView::parse(cut);
    EXPECT_EQ(packet.has_value(), n >= 32) << n;
    if (n < 12) EXPECT_EQ(packet.error(), PacketError::kTooShort);
    if (n >= 12 && n < 32) EXPECT_EQ(packet.error(), PacketError::kExtensionPastEnd);
  }
}

TEST(ExtensionReader, an_element_past_the_block_ends_the_walk_and_keeps_what_came_before) {
  Bytes block =
      hex("4031"
          "2faa");  // id 2 claims 16 bytes
  ExtensionReader reader(0xbede, block);
  ExtensionElement e;
  ASSERT_TRUE(reader.next(e));
  EXPECT_EQ(e.id, 4);
  EXPECT_FALSE(reader.next(e));
  EXPECT_FALSE(reader.next(e));
  Bytes stopped = hex("f04031");  // id 15 stops
  EXPECT_FALSE(ExtensionReader(0xbede, stopped).next(e));
  Bytes other = hex("40310000");
  EXPECT_FALSE(ExtensionReader(0x1234, other).next(e)) << "some other profile";
}

TEST(HeaderWriter, what_it_writes_is_read_back) {
  ExtensionMap map = chromium_map();
  map.set(ExtensionType::kAudioLevel, 1);
  map.set(ExtensionType::kAbsCaptureTime, 5);
  map.set(ExtensionType::kVideoOrientation, 13);
  map.set(ExtensionType::kPlayoutDelay, 14);
  uint8_t raw[128];
  HeaderWriter w(raw, {true, PayloadType(96), SeqNum(65535), RtpTime(0xfffffffe), Ssrc(5)});
  write_mid(w, map, "0");
  write_rid(w, map, "f");
  write_repaired_rid(w, map, "f");  // not agreed: nothing
  write_abs_send_time(w, map, Timestamp::millis(1500));
  write_transport_sequence(w, map, SeqNum(0xbeef));
  write_audio_level(w, map, {true, 30});
  write_abs_capture_time(w, map, {NtpTime(0x0102030405060708), -4});
  write_video_orientation(w, map, {true, false, 270});
  write_playout_delay(w, map, {Duration::millis(40), Duration::seconds(100)});
  size_t size = w.finish();
  ASSERT_GT(size, 0u);
  EXPECT_EQ(size % 4, 0u);
  auto packet = PacketView::parse(ByteView(raw).first(size));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->seq(), SeqNum(65535));
  EXPECT_EQ(packet->time(), RtpTime(0xfffffffe));
  Extensions e = read_extensions(*packet, map);
  EXPECT_EQ(e.mid, "0");
  EXPECT_EQ(e.rid, "f");
  EXPECT_EQ(e.repaired_rid, "");
  EXPECT_EQ(e.abs_send_time, 0x60000u) << "1.5 s in 6.18 fixed point";
  EXPECT_EQ(e.transport_sequence, SeqNum(0xbeef));
  EXPECT_TRUE(e.audio_level->voice);
  EXPECT_EQ(e.audio_level->minus_dbov, 30);
  EXPECT_EQ(e.abs_capture_time->captured, NtpTime(0x0102030405060708));
  EXPECT_EQ(e.abs_capture_time->clock_offset, -4);
  EXPECT_EQ(e.video_orientation->clockwise_degrees, 270);
  EXPECT_TRUE(e.video_orientation->back_camera);
  EXPECT_EQ(e.playout_delay->min, Duration::millis(40));
  EXPECT_EQ(e.playout_delay->max, Duration::millis(40950)) << "the largest that 12 bits hold";
}

TEST(HeaderWriter, what_does_not_fit_is_refused_and_the_rest_stays_good) {
  uint8_t raw[24];
  HeaderWriter w(raw, {});
  EXPECT_TRUE(w.add_extension(1, hex("0102")));
  EXPECT_FALSE(w.add_extension(2, Bytes(16, 9)));
  EXPECT_FALSE(w.add_extension(0, hex("01")));
  EXPECT_FALSE(w.add_extension(15, hex("01")));
  EXPECT_FALSE(w.add_extension(3, {}));
  EXPECT_FALSE(w.add_extension(3, Bytes(17, 9)));
  EXPECT_EQ(w.finish(), 20u);
  EXPECT_TRUE(PacketView::parse(ByteView(raw).first(20)));
  uint8_t tiny[11];
  EXPECT_EQ(HeaderWriter(tiny, {}).finish(), 0u);
  EXPECT_EQ(write_packet(MutableByteView(raw).first(14), {}, hex("010203")), 0u);
}

TEST(HeaderWriter, a_long_dependency_descriptor_travels_in_the_two_byte_form) {
  ExtensionMap map;
  map.set(ExtensionType::kMid, 4);
  map.set(ExtensionType::kDependencyDescriptor, 12);
  const Bytes descriptor(40, 0x5a);
  EXPECT_FALSE(needs_two_byte(map, descriptor)) << "not without a=extmap-allow-mixed";
  map.allow_two_byte(true);
  ASSERT_TRUE(needs_two_byte(map, descriptor));
  EXPECT_FALSE(needs_two_byte(map, ByteView(descriptor).first(16)));
  uint8_t raw[80];
  HeaderWriter w(raw, {}, ExtensionForm::kTwoByte);
  write_mid(w, map, "1");
  write_dependency_descriptor(w, map, descriptor);
  EXPECT_FALSE(w.add_extension(0, hex("01")));
  EXPECT_FALSE(w.add_extension(1, Bytes(40, 1))) << "no room";
  const size_t size = w.finish();
  EXPECT_EQ(size, 12u + 4 + 3 + 42 + 3);
  auto packet = PacketView::parse(ByteView(raw).first(size));
  ASSERT_TRUE(packet);
  Extensions e = read_extensions(*packet, map);
  EXPECT_EQ(e.mid, "1");
  EXPECT_EQ(copy(e.dependency_descriptor), descriptor);
}

TEST(Rewrite, in_place_changes_touch_nothing_else) {
  Bytes raw = hex(kVideoPacket);
  Bytes before = raw;
  set_seq(raw, SeqNum(1));
  set_time(raw, RtpTime(2));
  set_ssrc(raw, Ssrc(3));
  set_payload_type(raw, PayloadType(97));
  set_marker(raw, false);
  auto packet = PacketView::parse(raw);
  EXPECT_EQ(packet->seq(), SeqNum(1));
  EXPECT_EQ(packet->time(), RtpTime(2));
  EXPECT_EQ(packet->ssrc(), Ssrc(3));
  EXPECT_EQ(packet->payload_type(), PayloadType(97));
  EXPECT_FALSE(packet->marker());
  EXPECT_TRUE(std::equal(raw.begin() + 12, raw.end(), before.begin() + 12));
  EXPECT_EQ(raw[0], before[0]);
}

TEST(Extensions, uris_and_types_are_one_to_one) {
  for (size_t i = 0; i < kExtensionTypeCount; ++i) {
    auto type = static_cast<ExtensionType>(i);
    EXPECT_EQ(extension_of_uri(uri_of(type)), type);
  }
  EXPECT_FALSE(extension_of_uri("urn:ietf:params:rtp-hdrext:toffset"));
}

TEST(Rtx, wrapped_and_unwrapped_it_is_the_same_packet) {
  Bytes original = hex("80e61a2b01020304cafebabe7c85b800");
  uint8_t rtx[64];
  size_t n = wrap_rtx(rtx, *PacketView::parse(original), Ssrc(77), PayloadType(103), SeqNum(9));
  auto view = PacketView::parse(ByteView(rtx).first(n));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->ssrc(), Ssrc(77));
  EXPECT_EQ(view->seq(), SeqNum(9));
  EXPECT_TRUE(view->marker());
  EXPECT_EQ(read_rtx(*view)->original_seq, SeqNum(0x1a2b));
  uint8_t back[64];
  size_t m = unwrap_rtx(back, *view, Ssrc(0xcafebabe), PayloadType(102));
  EXPECT_EQ(copy(ByteView(back).first(m)), original);
}

TEST(Rtx, a_probe_without_an_original_is_none) {
  Bytes empty =
      hex("80670001"
          "00000002"
          "00000003");
  Bytes only_number =
      hex("80670001"
          "00000002"
          "00000003"
          "1a2b");
  uint8_t out[64];
  for (const Bytes& raw : {empty, only_number}) {
    EXPECT_FALSE(read_rtx(*PacketView::parse(raw)));
    EXPECT_EQ(unwrap_rtx(out, *PacketView::parse(raw), Ssrc(1), PayloadType(1)), 0u);
  }
  Bytes original = hex("806000010000000200000003aabb");
  EXPECT_EQ(wrap_rtx(MutableByteView(out).first(15), *PacketView::parse(original), Ssrc(1), PayloadType(1), SeqNum(1)),
            0u);
}

TEST(Demux, first_bytes_tell_the_protocol) {
  EXPECT_EQ(kind_of_datagram(hex("0001")), DatagramKind::kStun);
  EXPECT_EQ(kind_of_datagram(hex("16fe")), DatagramKind::kDtls);
  EXPECT_EQ(kind_of_datagram(hex("80e6")), DatagramKind::kRtp) << "PT 102 with marker";
  EXPECT_EQ(kind_of_datagram(hex("806f")), DatagramKind::kRtp);
  EXPECT_EQ(kind_of_datagram(hex("80c8")), DatagramKind::kRtcp);
  EXPECT_EQ(kind_of_datagram(hex("8fcd")), DatagramKind::kRtcp);
  EXPECT_EQ(kind_of_datagram(hex("4000")), DatagramKind::kUnknown) << "TURN channel";
  EXPECT_EQ(kind_of_datagram(hex("ff00")), DatagramKind::kUnknown);
  EXPECT_EQ(kind_of_datagram(hex("80")), DatagramKind::kUnknown);
  EXPECT_EQ(kind_of_datagram({}), DatagramKind::kUnknown);
}

TEST(SeqUnwrapper, wraps_count_up_and_late_packets_fall_into_place) {
  SeqUnwrapper u;
  EXPECT_EQ(u.unwrap(SeqNum(65534)).value(), 65536 + 65534);
  EXPECT_EQ(u.unwrap(SeqNum(1)).value(), 131072 + 1);
  EXPECT_EQ(u.unwrap(SeqNum(65535)).value(), 65536 + 65535) << "late, from before the wrap";
  EXPECT_EQ(u.unwrap(SeqNum(2)).value(), 131072 + 2) << "a late packet does not move the reference";
  EXPECT_EQ(u.unwrap(SeqNum(0)).value(), 131072);
}

TEST(SeqUnwrapper, a_packet_from_before_the_first_is_still_positive_and_ordered) {
  SeqUnwrapper u;
  auto first = u.unwrap(SeqNum(2));
  auto late = u.unwrap(SeqNum(65535));
  EXPECT_EQ(first - late, 3);
  EXPECT_GT(late.value(), 0);
}

TEST(SeqUnwrapper, peek_does_not_move_the_reference) {
  SeqUnwrapper u;
  auto at = u.unwrap(SeqNum(100));
  EXPECT_EQ(u.peek(SeqNum(32000)) - at, 31900);
  EXPECT_EQ(u.peek(SeqNum(65000)) - at, 65000 - 65536 - 100) << "were it moved, this would lie ahead";
}

TEST(TimeUnwrapper, a_day_of_90_khz_never_jumps) {
  TimeUnwrapper u;
  int64_t start = u.unwrap(RtpTime(0xfffff000)).value();
  for (int64_t i = 1; i < 90'000LL * 86'400; i += 90'000 * 60)
    ASSERT_EQ(u.unwrap(RtpTime(static_cast<uint32_t>(0xfffff000 + i))).value(), start + i);
}

TEST(Ntp, wall_time_goes_there_and_back_to_the_microsecond) {
  for (int64_t us : {int64_t{0}, int64_t{1'700'000'000'123'456}, int64_t{1'700'000'000'999'999}, int64_t{1}})
    EXPECT_EQ(wall_from_ntp(ntp_from_wall(WallTime::micros(us))), WallTime::micros(us));
  EXPECT_EQ(ntp_from_wall(WallTime::micros(500'000)).value(), (uint64_t{2'208'988'800} << 32) + (uint64_t{1} << 31));
}

TEST(Ntp, round_trip_is_now_less_report_less_delay) {
  WallTime sent = WallTime::millis(1'700'000'000'000);
  CompactNtp last = compact_from_ntp(ntp_from_wall(sent));
  CompactNtp delay = compact_from_duration(Duration::millis(250));
  Duration rtt = round_trip(ntp_from_wall(sent + Duration::millis(300)), last, delay);
  EXPECT_NEAR(static_cast<double>(rtt.us()), 50'000, 40);
  EXPECT_EQ(round_trip(ntp_from_wall(sent), last, delay), Duration::zero()) << "clocks that disagree";
  EXPECT_EQ(duration_from_compact(compact_from_duration(Duration::seconds(3))), Duration::seconds(3));
  EXPECT_EQ(compact_from_duration(Duration::seconds(-1)), CompactNtp(0));
}

}  // namespace
}  // namespace footlight::rtp
