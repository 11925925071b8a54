// Every codec that a browser sends, from captured packets to pictures.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "compose/canvas.h"
#include "compose/video_receiver.h"
#include "libav/video_encoder.h"
#include "rtp/payload/h264_packetizer.h"
#include "rtp/pipe_extensions.h"

#ifndef FOOTLIGHT_RTP_TESTDATA  // CMakeLists.txt says where; this lets the file be read alone
#define FOOTLIGHT_RTP_TESTDATA "testdata"
#endif

namespace footlight::compose {
namespace {

constexpr Timestamp kNow = Timestamp::millis(1000);

// What Chromium 156 sent (rtp/payload/payload_fixture.h): each packet behind its 16-bit length.
std::vector<std::vector<uint8_t>> captured(const std::string& name, rtp::PayloadType type) {
  std::ifstream in(FOOTLIGHT_RTP_TESTDATA "/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  const std::vector<uint8_t> raw(std::istreambuf_iterator<char>(in), {});
  ByteReader r(raw);
  std::vector<std::vector<uint8_t>> out;
  uint16_t size = 0;
  for (ByteView bytes; r.read_u16(size) && r.read_bytes(size, bytes);)
    if (auto p = rtp::PacketView::parse(bytes); p && p->payload_type() == type)
      out.emplace_back(bytes.begin(), bytes.end());
  return out;
}

class Receiver {
 public:
  explicit Receiver(media::Codec codec) : receiver_(codec) {}
  void push(ByteView datagram) {
    auto packet = rtp::PacketView::parse(datagram);
    ASSERT_TRUE(packet);
    receiver_.on_packet(*packet, time_.unwrap(packet->time()), now_);
    while (auto out = receiver_.take(now_)) pictures.push_back(std::move(*out));
    now_ = now_ + Duration::millis(5);
  }
  [[nodiscard]] const VideoCounters& counters() const { return receiver_.counters(); }
  std::vector<VideoReceiver::Output> pictures;

 private:
  VideoReceiver receiver_;
  rtp::TimeUnwrapper time_;
  Timestamp now_ = kNow;
};

int brightest(const libav::Picture& p) {
  int most = 0;
  for (int y = 0; y < p.height; ++y)
    most = std::max<int>(most, *std::max_element(p.plane[0] + y * p.stride[0], p.plane[0] + y * p.stride[0] + p.width));
  return most;
}
int darkest(const libav::Picture& p) {
  int least = 255;
  for (int y = 0; y < p.height; ++y)
    least =
        std::min<int>(least, *std::min_element(p.plane[0] + y * p.stride[0], p.plane[0] + y * p.stride[0] + p.width));
  return least;
}

void expect_pictures(media::Codec codec, const std::string& name, rtp::PayloadType type, int width, int height) {
  Receiver receiver(codec);
  std::set<int64_t> times;
  for (const auto& packet : captured(name, type)) {
    if (auto p = rtp::PacketView::parse(packet); !p->payload().empty()) times.insert(p->time().value());
    receiver.push(packet);
  }
  EXPECT_EQ(receiver.counters().damaged, 0U) << name;
  ASSERT_GE(receiver.pictures.size() + 1, times.size()) << name << ": a picture a timestamp, but for the last";
  for (const VideoReceiver::Output& out : receiver.pictures) {
    EXPECT_EQ(out.picture.width, width) << name;
    EXPECT_EQ(out.picture.height, height) << name;
    EXPECT_GT(brightest(out.picture) - darkest(out.picture), 60) << name << " shows something";
  }
}

TEST(VideoReceiver, vp9_and_av1_of_a_browser_are_decoded) {
  expect_pictures(media::Codec::kVp9, "vp9.rtp", rtp::PayloadType(98), 640, 360);
  expect_pictures(media::Codec::kAv1, "av1.rtp", rtp::PayloadType(45), 640, 360);
}

TEST(VideoReceiver, of_spatial_layers_the_largest_picture_is_shown) {
  expect_pictures(media::Codec::kVp9, "vp9_svc.rtp", rtp::PayloadType(98), 640, 360);
  expect_pictures(media::Codec::kAv1, "av1_svc.rtp", rtp::PayloadType(45), 640, 360);
}

// A presenter's layer as the relay forwards it: one SSRC, numbers that go on, another size at a key frame.
class Layers {
 public:
  int degrees = 0;  // told on every packet

  std::vector<std::vector<uint8_t>> picture(int width, int height, bool key) {
    auto& encoder = encoders_[width];
    if (!encoder)
      encoder = std::make_unique<libav::VideoEncoder>(*libav::VideoEncoder::open({.width = width,
                                                                                  .height = height,
                                                                                  .fps = 30,
                                                                                  .key_interval = 1000,
                                                                                  .video_kbps = 400,
                                                                                  .max_kbps = 800,
                                                                                  .buffer_kbit = 800,
                                                                                  .threads = 1}));
    auto canvas = std::make_shared<CanvasBuffer>(width, height);
    canvas->fill({60, 128, 128});
    canvas->fill_rectangle(8, 8, 16, 16, {235, 128, 128});
    auto coded = encoder->encode(share(std::move(canvas)), tick_, key);
    rtp::H264Packetizer packetizer(coded->data, 1100);
    std::vector<std::vector<uint8_t>> out;
    std::vector<uint8_t> payload(1100);
    while (const size_t size = packetizer.next(payload)) {
      std::vector<uint8_t> packet(1500);
      rtp::HeaderWriter header(packet, {.marker = packetizer.done(),
                                        .payload_type = rtp::PayloadType(96),
                                        .seq = rtp::SeqNum(seq_++),
                                        .time = rtp::RtpTime(static_cast<uint32_t>(tick_ * 3000)),
                                        .ssrc = rtp::Ssrc(1)});
      rtp::write_video_orientation(header, rtp::pipe_extensions(), {.clockwise_degrees = degrees});
      const size_t head = header.finish();
      std::copy_n(payload.begin(), size, packet.begin() + static_cast<ptrdiff_t>(head));
      packet.resize(head + size);
      out.push_back(std::move(packet));
    }
    ++tick_;
    return out;
  }

 private:
  std::map<int, std::unique_ptr<libav::VideoEncoder>> encoders_;
  int64_t tick_ = 0;
  uint16_t seq_ = 65'530;
};

TEST(VideoReceiver, a_switch_between_layers_changes_the_size_and_loses_nothing) {
  Layers layers;
  Receiver receiver(media::Codec::kH264);
  std::vector<int> widths;
  for (int i = 0; i < 40; ++i) {
    const bool high = i / 10 % 2 == 1;
    widths.push_back(high ? 320 : 160);
    for (const auto& packet : layers.picture(widths.back(), high ? 180 : 96, i % 10 == 0)) receiver.push(packet);
  }
  ASSERT_EQ(receiver.pictures.size(), 40U);
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(receiver.pictures[i].picture.width, widths[i]) << i;
  EXPECT_EQ(receiver.counters().damaged, 0U);
  EXPECT_EQ(receiver.counters().key_requests, 0U);
}

TEST(VideoReceiver, a_phone_that_is_turned_shows_upright_from_that_picture_on) {
  Layers phone;
  Receiver receiver(media::Codec::kH264);
  for (int i = 0; i < 12; ++i) {
    phone.degrees = i / 3 * 90;
    for (const auto& packet : phone.picture(160, 96, i == 0)) receiver.push(packet);
  }
  ASSERT_EQ(receiver.pictures.size(), 12U);
  for (size_t i = 0; i < 12; ++i) {
    const libav::Picture& p = receiver.pictures[i].picture;
    const bool upright = i / 3 % 2 == 0;
    ASSERT_EQ(p.width, upright ? 160 : 96) << i;
    ASSERT_EQ(p.height, upright ? 96 : 160) << i;
    // The white square is at the upper left of the sensor: clockwise, a quarter turn each.
    const bool right = i / 3 == 1 || i / 3 == 2;
    const bool low = i / 3 == 2 || i / 3 == 3;
    const int x = right ? p.width - 16 : 16;
    const int y = low ? p.height - 16 : 16;
    EXPECT_GT(p.plane[0][y * p.stride[0] + x], 200) << i;
    EXPECT_LT(p.plane[0][(p.height - y) * p.stride[0] + p.width - x], 100) << i;
  }
}

}  // namespace
}  // namespace footlight::compose
