// The whole process side of compose, with its real threads and sockets: a small origin on HTTP and the relay's end of
// the pipe in this process. Real time, a second or two each.
#include "compose/compose.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "base/log.h"
#include "base/random.h"
#include "base/text_codec.h"
#include "compose/testing_origin.h"
#include "compose/testing_sinks.h"
#include "http/testing_live_server.h"
#include "net/listen.h"
#include "net/udp_socket.h"
#include "rtp/demux.h"
#include "rtp/packet_view.h"
#include "rtp/payload/frame_assembler.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sender_report.h"
#include "srtp/srtp_session.h"

namespace footlight::compose {
namespace {

class LiveOrigin {
 public:
  LiveOrigin()
      : server_({}, [this](http::Request request, http::ExchangePtr exchange) {
          const std::scoped_lock lock(mutex_);
          exchange->respond(memory_.answer(request));
          changed_.notify_all();
        }) {}
  [[nodiscard]] std::string endpoint() { return fmt::format("127.0.0.1:{}", server_.port()); }
  bool wait(const std::function<bool(const testing::MemoryOrigin&)>& ready, Duration limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::microseconds(limit.us()), [&] { return ready(memory_); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  testing::MemoryOrigin memory_;
  http::LiveServer server_;
};

// The relay's end of one pipe.
class PipePeer {
 public:
  PipePeer() : socket_(*net::UdpSocket::adopt(*net::bind_udp(*SocketAddress::parse("127.0.0.1:0")))) {
    std::vector<uint8_t> key(56);
    random_fill(key);
    key_.id = "pipe-1";
    key_.key = to_base64(key);
    key_.compose_ssrc = 77;
    key_.relay_ssrc = 78;
    const auto profile = srtp::Profile::kAeadAes128Gcm;
    in_.emplace(*srtp::MasterKey::from_joined(profile, ByteView(key).first(28)));
    out_.emplace(*srtp::MasterKey::from_joined(profile, ByteView(key).subspan(28)));
  }
  [[nodiscard]] const state::PipeKey& key() const { return key_; }
  [[nodiscard]] std::string address() const { return socket_.bound_address().to_string(); }

  // Takes datagrams until `done` says so.
  bool receive(const std::function<bool()>& done, Duration limit) {
    const Timestamp end = SystemClock::get().now() + limit;
    while (!done() && SystemClock::get().now() < end) {
      fd_set set;
      FD_ZERO(&set);
      FD_SET(socket_.fd(), &set);
      timeval wait{0, 10'000};
      ::select(socket_.fd() + 1, &set, nullptr, nullptr, &wait);
      for (net::Datagram& d : socket_.receive()) take(d);
    }
    return done();
  }
  void send_rtcp(const std::function<void(ByteWriter&)>& fill) {
    std::array<uint8_t, 1500> buffer{};
    ByteWriter writer(buffer);
    rtp::rtcp::ReceiverReport{.sender = rtp::Ssrc(78)}.write(writer);
    fill(writer);
    const auto size = out_->protect_rtcp(buffer, writer.size());
    if (size && back_.remote.is_valid()) socket_.send(back_, ByteView(buffer).first(*size));
  }

  int empty_reports = 0, video_reports = 0, audio_reports = 0;
  std::vector<uint16_t> video_seqs;
  int audio_packets = 0, key_frames = 0;

 private:
  void take(net::Datagram& d) {
    back_ = d.tuple;
    if (rtp::kind_of_datagram(d.bytes) == rtp::DatagramKind::kRtcp) {
      const auto size = in_->unprotect_rtcp(d.bytes);
      ASSERT_TRUE(size);
      auto compound = rtp::rtcp::CompoundReader::parse(d.bytes.first(*size));
      ASSERT_TRUE(compound);
      rtp::rtcp::Block block;
      while (compound->next(block)) {
        if (auto rr = rtp::rtcp::ReceiverReport::parse(block)) empty_reports += rr->sender == rtp::Ssrc(77) ? 1 : 0;
        if (auto sr = rtp::rtcp::SenderReport::parse(block))
          ++(sr->sender == rtp::Ssrc(501) ? video_reports : audio_reports);
      }
      return;
    }
    const auto size = in_->unprotect_rtp(d.bytes);
    if (!size) return;  // a repeat is a replay to SRTP when the first one came
    const auto packet = rtp::PacketView::parse(d.bytes.first(*size));
    ASSERT_TRUE(packet);
    if (packet->ssrc() == rtp::Ssrc(502)) {
      ++audio_packets;
      return;
    }
    video_seqs.push_back(packet->seq().value());
    assembler_->push(
        {seq_.unwrap(packet->seq()), time_.unwrap(packet->time()), packet->marker(), packet->payload(), {}});
    while (auto frame = assembler_->take()) key_frames += frame->frame.key ? 1 : 0;
  }

  net::UdpSocket socket_;
  state::PipeKey key_;
  std::optional<srtp::SrtpReceiver> in_;
  std::optional<srtp::SrtpSender> out_;
  AddressPair back_;
  rtp::SeqUnwrapper seq_;
  rtp::TimeUnwrapper time_;
  std::unique_ptr<rtp::FrameAssembler> assembler_ = rtp::make_frame_assembler(media::Codec::kH264);
};

state::ComposeDesired demo() {
  state::ComposeDesired d;
  d.generation = 3;
  d.programme = "demo";
  d.epoch = 1;
  d.timeline_start_ms = SystemClock::get().wall_now().ms() - 60'000;
  d.canvas = {640, 360, 30};
  d.rendition = {.name = "low", .width = 640, .height = 360, .video_kbps = 600, .max_kbps = 800, .buffer_kbit = 1600};
  d.hls = {.publish = true, .stream = "demo", .rendition = "low", .timing = {}};
  d.inputs = {{.id = "test-picture", .kind = "test", .on_stage = true, .on_stage_order = 1}};
  return d;
}

TEST(Compose, first_part_reaches_the_origin_within_half_a_second_of_the_start) {
  LiveOrigin origin;
  const Timestamp begun = SystemClock::get().now();
  Compose compose({.incarnation = "i1", .origin_endpoint = origin.endpoint()});
  compose.start();
  compose.apply(demo());
  ASSERT_TRUE(origin.wait([](const auto& o) { return !o.stored.empty(); }, Duration::seconds(5)));
  const Duration took = SystemClock::get().now() - begun;
  RecordProperty("first_part_ms", static_cast<int>(took.ms()));
  fmt::print(stderr, "first part after {} ms\n", took.ms());
  EXPECT_LT(took, Duration::millis(900)) << "half a second on a quiet machine";
  compose.stop(Duration::seconds(1));
  const auto o = compose.observed();
  EXPECT_EQ(o.incarnation, "i1");
  EXPECT_EQ(o.applied_generation, 3);
  ASSERT_EQ(o.inputs.size(), 1U);
  EXPECT_EQ(o.inputs[0].state, "playing");
  EXPECT_NE(o.metrics.find("footlight_compose_ticks_total"), std::string::npos);
}

TEST(Compose, stop_flushes_the_open_part_and_ends_the_stream_only_when_it_was_wished) {
  for (const bool ended : {false, true}) {
    LiveOrigin origin;
    Compose compose({.incarnation = "i1", .origin_endpoint = origin.endpoint()});
    compose.start();
    auto d = demo();
    compose.apply(d);
    ASSERT_TRUE(origin.wait([](const auto& o) { return o.stored.size() >= 2; }, Duration::seconds(5)));
    if (ended) {
      d.hls.publish = false;
      compose.apply(d);
      ASSERT_TRUE(origin.wait([](const auto& o) { return o.ends == 1; }, Duration::seconds(2)));
    }
    compose.stop(Duration::seconds(2));
    EXPECT_TRUE(origin.wait([&](const auto& o) { return o.stored.back().last && o.ends == (ended ? 1 : 0); },
                            Duration::millis(10)));
  }
}

TEST(Compose, programme_comes_back_over_the_pipe_and_answers_loss_and_key_requests) {
  LiveOrigin origin;
  PipePeer peer;
  Compose compose({.incarnation = "i1", .origin_endpoint = origin.endpoint()});
  compose.start();
  auto d = demo();
  d.hls.publish = false;  // a rehearsal
  d.pipe = peer.key();
  d.pipe_address = peer.address();
  d.publish_tracks = {{.kind = "video", .codec = "h264", .ssrc = 501, .payload_type = 96, .clock_rate = 90'000},
                      {.kind = "audio", .codec = "opus", .ssrc = 502, .payload_type = 111, .clock_rate = 48'000}};
  compose.apply(d);
  ASSERT_TRUE(peer.receive([&] { return peer.empty_reports > 1 && peer.video_seqs.size() > 20 && peer.key_frames > 0; },
                           Duration::seconds(5)));
  EXPECT_GT(peer.video_reports, 0);
  EXPECT_GT(peer.audio_reports, 0);
  EXPECT_GT(peer.audio_packets, 10);

  // A second after the last one, a key frame may be had.
  ASSERT_TRUE(peer.receive([&] { return peer.audio_packets > 100; }, Duration::seconds(5)));
  const int before = peer.key_frames;
  peer.send_rtcp([](ByteWriter& w) { rtp::rtcp::Pli{rtp::Ssrc(78), rtp::Ssrc(501)}.write(w); });
  EXPECT_TRUE(peer.receive([&] { return peer.key_frames > before; }, Duration::millis(500)));

  const rtp::SeqNum lost[] = {rtp::SeqNum(peer.video_seqs[peer.video_seqs.size() - 3])};
  peer.send_rtcp([&](ByteWriter& w) { rtp::rtcp::write_nack(w, rtp::Ssrc(78), rtp::Ssrc(501), lost); });
  const auto repeated = [&] {
    return compose.observed().metrics.find("footlight_compose_pipe_repeated_packets_total 1\n") != std::string::npos;
  };
  EXPECT_TRUE(peer.receive(repeated, Duration::seconds(1)));
  for (size_t i = 1; i < peer.video_seqs.size(); ++i)
    ASSERT_EQ(static_cast<uint16_t>(peer.video_seqs[i] - peer.video_seqs[i - 1]), 1);
  compose.stop(Duration::millis(100));
}

}  // namespace
}  // namespace footlight::compose
