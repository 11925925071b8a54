#include "load/publisher_media.h"

#include <gtest/gtest.h>

#include "libav/log_level.h"
#include "load/testing_server.h"
#include "rtp/demux.h"
#include "rtp/packet_view.h"
#include "rtp/payload/key_frame.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtx.h"

namespace footlight::load {
namespace {

const std::vector<ClipFrame>& clip() {
  static const std::vector<ClipFrame> made = [] {
    libav::quiet_library_log();
    return make_clip(600, 30, Duration::seconds(1)).value();
  }();
  return made;
}

struct Packet {
  rtp::Ssrc ssrc{};
  uint16_t seq = 0;
  bool key = false;
  bool marker = false;
  std::vector<uint8_t> payload;
};

class Publishing : public testing::Test {
 protected:
  // Everything that is due now, decrypted.
  std::vector<Packet> take() {
    std::vector<Packet> packets;
    std::vector<uint8_t> buffer(1500);
    while (size_t size = media.take_datagram(now, buffer)) {
      auto bytes = MutableByteView(buffer).first(size);
      if (rtp::kind_of_datagram(bytes) == rtp::DatagramKind::kRtcp) {
        EXPECT_TRUE(server.unprotect_rtcp(bytes));
        ++reports;
        continue;
      }
      auto plain = server.unprotect_rtp(bytes);
      EXPECT_TRUE(plain);
      auto packet = rtp::PacketView::parse(bytes.first(*plain));
      EXPECT_TRUE(packet);
      packets.push_back({packet->ssrc(),
                         packet->seq().value(),
                         packet->ssrc() == ssrcs.video && rtp::starts_key_frame(media::Codec::kH264, packet->payload()),
                         packet->marker(),
                         {packet->payload().begin(), packet->payload().end()}});
    }
    return packets;
  }
  template <class Write>
  void say(Write write) {
    std::vector<uint8_t> compound(1500);
    ByteWriter writer(compound);
    write(writer);
    auto size = says.protect_rtcp(compound, writer.size());
    media.on_rtcp(MutableByteView(compound).first(size.value()), now);
  }

  SentSsrcs ssrcs{rtp::Ssrc(1), rtp::Ssrc(2), rtp::Ssrc(3)};
  srtp::SrtpSender own{test::key_of(1)};
  srtp::SrtpReceiver own_receiver{test::key_of(2)};
  srtp::SrtpReceiver server{test::key_of(1)};
  srtp::SrtpSender says{test::key_of(2)};
  Timestamp now = Timestamp::millis(9000);
  PublisherMedia media{Answer{}, clip(), 30, ssrcs, own, own_receiver, now, WallTime::millis(1'700'000'000'000)};
  int reports = 0;
};

TEST(Clip, begins_with_its_only_key_frame_and_has_the_rate_asked_for) {
  ASSERT_EQ(clip().size(), 30u);
  size_t bytes = 0;
  for (size_t i = 0; i < clip().size(); ++i) {
    EXPECT_EQ(clip()[i].key, i == 0);
    bytes += clip()[i].access_unit.size();
  }
  EXPECT_NEAR(static_cast<double>(bytes) * 8 / 1000, 600, 60);
}

TEST_F(Publishing, first_burst_is_a_whole_key_frame) {
  auto packets = take();
  ASSERT_GT(packets.size(), 2u);
  EXPECT_TRUE(packets[0].key);
  for (size_t i = 1; i < packets.size() && packets[i].ssrc == ssrcs.video; ++i)
    EXPECT_EQ(packets[i].seq, static_cast<uint16_t>(packets[i - 1].seq + 1));
  EXPECT_EQ(packets.back().ssrc, ssrcs.audio);
  EXPECT_TRUE(packets[packets.size() - 2].marker);
}

TEST_F(Publishing, second_has_thirty_frames_fifty_sounds_and_its_reports) {
  size_t sounds = 0;
  for (Timestamp end = now + Duration::seconds(1); now < end; now += Duration::millis(1))
    for (const Packet& packet : take()) sounds += packet.ssrc == ssrcs.audio ? 1 : 0;
  EXPECT_EQ(sounds, 50u);
  EXPECT_NEAR(static_cast<double>(media.report().frames), 30, 1);
  EXPECT_EQ(reports, 1);
}

TEST_F(Publishing, muted_it_sends_frames_and_their_reports_alone) {
  media.mute();
  for (Timestamp end = now + Duration::seconds(1); now < end; now += Duration::millis(1))
    for (const Packet& packet : take()) ASSERT_EQ(packet.ssrc, ssrcs.video);
  EXPECT_NEAR(static_cast<double>(media.report().frames), 30, 1);
  EXPECT_EQ(reports, 1);
}

TEST_F(Publishing, what_is_asked_for_again_comes_by_rtx) {
  auto first = take();
  say([&](ByteWriter& w) {
    std::array<rtp::SeqNum, 2> lost = {rtp::SeqNum(first[1].seq),
                                       rtp::SeqNum(static_cast<uint16_t>(first[0].seq - 100))};
    rtp::rtcp::write_nack(w, rtp::Ssrc(7), ssrcs.video, lost);
  });
  auto again = take();
  ASSERT_EQ(again.size(), 1u) << "what was never sent is not sent again";
  EXPECT_EQ(again[0].ssrc, ssrcs.rtx);
  EXPECT_EQ(again[0].payload[0] << 8 | again[0].payload[1], first[1].seq);
  EXPECT_TRUE(std::equal(again[0].payload.begin() + 2, again[0].payload.end(), first[1].payload.begin()));
}

TEST_F(Publishing, picture_that_is_asked_for_is_the_next_one) {
  take();
  now += Duration::millis(34);
  EXPECT_FALSE(take()[0].key);
  say([&](ByteWriter& w) { rtp::rtcp::Pli{rtp::Ssrc(7), ssrcs.video}.write(w); });
  now += Duration::millis(34);
  auto packets = take();
  EXPECT_TRUE(std::ranges::any_of(packets, &Packet::key));
  EXPECT_EQ(media.report().key_frames_asked, 1u);
}

TEST_F(Publishing, report_of_the_server_gives_loss) {
  say([&](ByteWriter& w) {
    rtp::rtcp::ReportBlock block{.source = ssrcs.video, .fraction_lost = 64};
    rtp::rtcp::ReceiverReport{.sender = rtp::Ssrc(7)}.write(w, std::span(&block, 1));
  });
  EXPECT_DOUBLE_EQ(media.report().loss_ratio, 0.25);
}

}  // namespace
}  // namespace footlight::load
