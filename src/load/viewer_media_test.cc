#include "load/viewer_media.h"

#include <gtest/gtest.h>

#include <map>

#include "load/testing_server.h"
#include "rtp/packet_writer.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/transport_feedback.h"

namespace footlight::load {
namespace {

constexpr rtp::PayloadType kVideo(106), kRtx(107), kAudio(111);
constexpr rtp::Ssrc kVideoSsrc(1), kRtxSsrc(2), kAudioSsrc(3);

Answer answer_of_server() {
  Answer answer;
  AnsweredTrack audio{.kind = media::Kind::kAudio, .formats = {}, .extensions = {}};
  audio.formats = {{.payload_type = kAudio, .codec = media::Codec::kOpus, .repairs = {}, .clock_rate = 48000}};
  AnsweredTrack video{.kind = media::Kind::kVideo, .formats = {}, .extensions = {}, .nack = true};
  video.formats = {{.payload_type = kVideo, .codec = media::Codec::kH264, .repairs = {}, .clock_rate = 90000},
                   {.payload_type = kRtx, .codec = {}, .repairs = kVideo, .clock_rate = 90000}};
  video.extensions.set(rtp::ExtensionType::kTransportSequence, 3);
  video.transport_feedback = true;
  answer.tracks = {audio, video};
  return answer;
}

// A server's sending half in memory, and what the viewer says back.
class Media : public testing::Test {
 protected:
  void send(rtp::PayloadType type, rtp::Ssrc ssrc, int seq, uint32_t time, std::vector<uint8_t> payload,
            bool marker = false) {
    std::vector<uint8_t> packet(1500);
    rtp::HeaderWriter header(packet, {marker, type, rtp::SeqNum(static_cast<uint16_t>(seq)), rtp::RtpTime(time), ssrc});
    rtp::write_transport_sequence(header, answer.tracks[1].extensions, rtp::SeqNum(transport_seq++));
    packet.resize(server.protect_rtp(packet, header.finish(), payload).value());
    media.on_rtp(packet, now);
  }
  void send_key_frame(int seq, bool without_middle = false) {
    send(kVideo, kVideoSsrc, seq, 9000, {0x67, 1, 2, 3});
    if (!without_middle) send(kVideo, kVideoSsrc, seq + 1, 9000, {0x7c, 0x85, 1, 2});
    send(kVideo, kVideoSsrc, seq + 2, 9000, {0x7c, 0x45, 1, 2}, true);
  }
  // Blocks that the viewer says now, by type and format.
  std::map<std::pair<int, int>, int> said() {
    std::map<std::pair<int, int>, int> blocks;
    std::array<uint8_t, 1500> buffer{};
    for (ByteView bytes = media.take_rtcp(now, buffer); !bytes.empty(); bytes = media.take_rtcp(now, buffer)) {
      std::vector<uint8_t> compound(bytes.begin(), bytes.end());
      auto size = heard.unprotect_rtcp(compound);
      EXPECT_TRUE(size);
      auto reader = rtp::rtcp::CompoundReader::parse(ByteView(compound).first(*size));
      EXPECT_TRUE(reader);
      rtp::rtcp::Block block;
      while (reader->next(block)) {
        ++blocks[{static_cast<int>(block.type), block.count}];
        if (auto nack = rtp::rtcp::Nack::parse(block))
          nack->for_each([&](rtp::SeqNum seq) { nacked.push_back(seq.value()); });
      }
    }
    return blocks;
  }

  Answer answer = answer_of_server();
  srtp::SrtpSender server{test::key_of(1)};
  srtp::SrtpReceiver heard{test::key_of(2)};
  srtp::SrtpSender own{test::key_of(2)};
  srtp::SrtpReceiver receiver{test::key_of(1)};
  Timestamp now = Timestamp::millis(5000);
  ViewerMedia media{answer, own, receiver, now};
  uint16_t transport_seq = 1;
  std::vector<int> nacked;
};

TEST_F(Media, whole_key_frame_is_the_first_picture) {
  send(kAudio, kAudioSsrc, 1, 0, {0xf8, 0xff, 0xfe});
  EXPECT_EQ(media.first_packet(), now);
  now += Duration::millis(7);
  send(kVideo, kVideoSsrc, 7, 6000, {0x41, 1, 2}, true);
  EXPECT_FALSE(media.first_picture()) << "a picture that cannot be decoded alone";
  send_key_frame(8);
  EXPECT_EQ(media.first_picture(), now);
  EXPECT_EQ(media.totals().received, 5u);
  EXPECT_EQ(media.totals().decrypt_failures, 0u);
}

TEST_F(Media, key_frame_with_a_gap_becomes_a_picture_by_rtx) {
  send_key_frame(8, true);
  EXPECT_FALSE(media.first_picture());
  said();
  EXPECT_EQ(nacked, (std::vector{9}));
  now += Duration::millis(30);
  send(kRtx, kRtxSsrc, 500, 9000, {0, 9, 0x7c, 0x85, 1, 2});
  EXPECT_EQ(media.first_picture(), now);
  EXPECT_EQ(media.totals().repaired, 1u);
  EXPECT_EQ(media.totals().expected, 3u);
  EXPECT_EQ(media.totals().received, 3u);
}

TEST_F(Media, viewer_without_a_picture_asks_for_one) {
  send(kVideo, kVideoSsrc, 7, 6000, {0x41, 1, 2}, true);
  EXPECT_EQ((said()[{206, 1}]), 0);
  now += ViewerMedia::kPatienceForKey;
  EXPECT_EQ((said()[{206, 1}]), 1);
  EXPECT_EQ((said()[{206, 1}]), 0);
  send_key_frame(8);
  now += ViewerMedia::kKeyAskInterval;
  EXPECT_EQ((said()[{206, 1}]), 0);
}

TEST_F(Media, reports_each_second_and_feeds_back_ten_times_as_often) {
  send_key_frame(8);
  int reports = 0;
  int feedback = 0;
  for (int i = 0; i < 300; ++i, now += Duration::millis(10)) {
    send(kVideo, kVideoSsrc, 11 + i, 12000, {0x41, 1}, true);
    EXPECT_GT(media.next_timeout(), now - Duration::millis(11));
    auto blocks = said();
    reports += blocks[{201, 1}];
    feedback += blocks[{205, 15}];
  }
  EXPECT_EQ(reports, 2);
  EXPECT_NEAR(feedback, 28, 2);
}

TEST_F(Media, later_one_packet_in_sixty_four_is_decrypted_and_none_is_missed) {
  send_key_frame(8);
  now += ViewerMedia::kSampleAll;
  for (int i = 0; i < 640; ++i) send(kVideo, kVideoSsrc, 11 + i, 12000, {0x41, 1}, true);
  EXPECT_EQ(media.totals().sampled, 3u + 10u);
  EXPECT_EQ(media.totals().received, 643u);
  EXPECT_EQ(media.totals().decrypt_failures, 0u);
}

TEST_F(Media, packets_under_another_key_are_failures_and_count_for_nothing) {
  server = srtp::SrtpSender(test::key_of(9));
  send_key_frame(8);
  EXPECT_EQ(media.totals().decrypt_failures, 3u);
  EXPECT_EQ(media.totals().received, 0u);
  EXPECT_FALSE(media.first_packet());
}

TEST_F(Media, unknown_payload_types_and_scraps_are_counted_and_harm_nothing) {
  send(rtp::PayloadType(50), rtp::Ssrc(9), 1, 0, {1, 2, 3});
  EXPECT_EQ(media.totals().unknown, 1u);
  for (size_t size = 0; size < 40; ++size) {
    std::vector<uint8_t> scrap(size, 0x80);
    media.on_rtp(scrap, now);
    media.on_rtcp(scrap, now);
  }
  EXPECT_EQ(media.totals().received, 0u);
}

TEST_F(Media, doubled_packets_are_counted_apart) {
  send_key_frame(8);
  now += ViewerMedia::kSampleAll;
  srtp::SrtpSender again(test::key_of(1));
  std::swap(server, again);
  send(kVideo, kVideoSsrc, 10, 9000, {0x7c, 0x45, 1, 2}, true);
  EXPECT_EQ(media.totals().duplicates, 1u);
  EXPECT_EQ(media.totals().received, 3u);
}

}  // namespace
}  // namespace footlight::load
