// rooms: compose libav
// A presenter's RTP as hostile as it gets: packets of both tracks of one feed, decoded, mixed and composed.
#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "compose/feeds.h"
#include "compose/mixer.h"
#include "compose/stage.h"
#include "libav/log_level.h"
#include "rtp/pipe_extensions.h"

using namespace footlight;

// The slate's fonts: fontconfig keeps its tables for good.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\nleak:libpango\nleak:libglib\n"; }

// Input: codec byte (its highest bit: sound is AAC, of an RTMP source), then packets: [flags][seq step][time
// step][length: 2] payload.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool quiet = (libav::quiet_library_log(), true);
  (void)quiet;
  ByteReader reader(ByteView(data, size));
  uint8_t codec = 0;
  if (!reader.read_u8(codec)) return 0;
  ManualClock clock;
  compose::Feeds feeds(clock);
  state::ComposeInput wish{.id = "a", .session = "s", .kind = "camera", .on_stage = true};
  constexpr const char* kCodecs[] = {"h264", "vp8", "vp9", "av1"};
  wish.tracks = {{.kind = "video",
                  .codec = kCodecs[codec % std::size(kCodecs)],
                  .ssrc = 1,
                  .payload_type = 96,
                  .clock_rate = 90'000},
                 {.kind = "audio", .codec = "opus", .ssrc = 2, .payload_type = 111, .clock_rate = 48'000}};
  const bool aac = (codec & 0x80) != 0;
  if (aac)
    wish.tracks.back() = {
        .kind = "audio",
        .codec = "aac",
        .ssrc = 2,
        .payload_type = 111,
        .clock_rate = 44'100,
        .channels = 2,
        .fmtp = "streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1210"};
  const auto inputs = feeds.apply({wish});
  compose::Stage stage(64, 36);
  stage.apply(inputs);
  compose::Mixer mixer;
  std::vector<float> block(1920);
  std::vector<compose::FeedbackWish> wishes;
  uint16_t seq[2] = {};
  uint32_t time[2] = {};
  uint8_t flags = 0;
  uint8_t seq_step = 0;
  uint8_t time_step = 0;
  uint16_t length = 0;
  constexpr size_t kMaxPayload = 1400;
  while (reader.read_u8(flags) && reader.read_u8(seq_step) && reader.read_u8(time_step) && reader.read_u16(length)) {
    ByteView payload;
    if (!reader.read_bytes(std::min({size_t{length}, kMaxPayload, reader.remaining()}), payload)) break;
    const size_t track = flags & 1;
    seq[track] = static_cast<uint16_t>(seq[track] + static_cast<int8_t>(seq_step));
    const uint32_t unit = flags & 8 ? 3'000'000 : track && aac ? 1024 : 960;
    time[track] += static_cast<uint32_t>(static_cast<int8_t>(time_step)) * unit;
    std::vector<uint8_t> packet(1500);
    rtp::HeaderWriter header(packet, {.marker = (flags & 2) != 0,
                                      .payload_type = rtp::PayloadType(track ? 111 : 96),
                                      .seq = rtp::SeqNum(seq[track]),
                                      .time = rtp::RtpTime(time[track]),
                                      .ssrc = rtp::Ssrc(track ? 2 : 1)});
    if (flags & 16)
      rtp::write_video_orientation(header, rtp::pipe_extensions(), {.clockwise_degrees = (flags >> 5 & 3) * 90});
    const size_t head = header.finish();
    std::ranges::copy(payload, packet.begin() + static_cast<ptrdiff_t>(head));
    packet.resize(head + payload.size());
    if (auto view = rtp::PacketView::parse(packet)) feeds.on_rtp(*view, clock.now());
    if (flags & 4) {
      clock.advance(Duration::millis(20));
      wishes.clear();
      feeds.on_timer(clock.now(), wishes);
      mixer.mix(inputs, clock.now(), clock.wall_now(), block);
      (void)stage.compose(clock.now(), clock.wall_now(), Duration::micros(33'333));
    }
  }
  return 0;
}
