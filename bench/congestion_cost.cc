// What congestion control costs a viewer: nanoseconds a sent packet, nanoseconds a packet in feedback, bytes of memory.
// 500 viewers take turns, as in a relay: what one leaves in the cache is gone when its next packet comes.
#include <fmt/core.h>

#include <ctime>
#include <memory>
#include <vector>

#include "congestion/arrival_recorder.h"
#include "relay/send_path.h"
#include "rtp/rtcp/compound.h"

namespace {

using namespace footlight;

constexpr size_t kViewers = 500;
constexpr int kPacketsPerTurn = 10;  // a frame of 2.5 Mbit/s at 30 a second, with its sound
constexpr int kTurnsPerFeedback = 3;
constexpr int kTurns = 600;
constexpr size_t kPacket = 1200;

struct Viewer {
  relay::SendPath path{true};
  congestion::ArrivalRecorder recorder;
  uint16_t seq = 0;
};

// Processor time: others' load is not ours.
double cpu_ns() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

void send_frame(Viewer& viewer, Timestamp now) {
  for (int i = 0; i < kPacketsPerTurn; ++i)
    if (viewer.path.may_send(now)) viewer.path.on_sent(rtp::SeqNum(++viewer.seq), kPacket, now);
}

// The viewer's side is not what is measured.
std::vector<uint8_t> feedback_of(Viewer& viewer, uint16_t first, Timestamp now) {
  for (uint16_t seq = first; seq != static_cast<uint16_t>(viewer.seq + 1); ++seq)
    viewer.recorder.record(rtp::SeqNum(seq), now + Duration::micros(int64_t{400} * static_cast<uint16_t>(seq - first)));
  std::vector<uint8_t> raw(congestion::kMaxFeedbackSize);
  ByteWriter writer(raw);
  Timestamp due = viewer.recorder.next_timeout().value_or(now);
  if (!viewer.recorder.build_feedback(due, rtp::Ssrc(1), rtp::Ssrc(2), writer)) return {};
  raw.resize(writer.size());
  return raw;
}

void take_feedback(Viewer& viewer, const std::vector<uint8_t>& raw, Timestamp now) {
  auto compound = rtp::rtcp::CompoundReader::parse(raw);
  if (!compound) return;
  for (rtp::rtcp::Block block; compound->next(block);)
    if (auto feedback = rtp::rtcp::TransportFeedback::parse(block)) viewer.path.on_feedback(*feedback, now);
}

}  // namespace

int main() {
  std::vector<std::unique_ptr<Viewer>> viewers(kViewers);
  for (auto& viewer : viewers) viewer = std::make_unique<Viewer>();
  std::vector<uint16_t> reported(kViewers, 1);
  Timestamp now = Timestamp::millis(1'000'000);
  double send_ns = 0;
  double feedback_ns = 0;
  uint64_t sent = 0;
  uint64_t acknowledged = 0;
  for (int turn = 1; turn <= kTurns; ++turn, now += Duration::millis(33)) {
    std::vector<uint16_t> before(kViewers);
    for (size_t i = 0; i < kViewers; ++i) before[i] = viewers[i]->seq;
    double from = cpu_ns();
    for (auto& viewer : viewers) send_frame(*viewer, now);
    send_ns += cpu_ns() - from;
    for (size_t i = 0; i < kViewers; ++i) sent += static_cast<uint16_t>(viewers[i]->seq - before[i]);
    if (turn % kTurnsPerFeedback != 0) continue;
    std::vector<std::vector<uint8_t>> messages(kViewers);
    for (size_t i = 0; i < kViewers; ++i) {
      messages[i] = feedback_of(*viewers[i], reported[i], now);
      acknowledged += static_cast<uint16_t>(viewers[i]->seq + 1 - reported[i]);
      reported[i] = static_cast<uint16_t>(viewers[i]->seq + 1);
    }
    from = cpu_ns();
    for (size_t i = 0; i < kViewers; ++i) take_feedback(*viewers[i], messages[i], now + Duration::millis(50));
    feedback_ns += cpu_ns() - from;
  }
  fmt::print("viewers={} packets={} ns_per_sent={:.1f} ns_per_acknowledged={:.1f} bytes_per_viewer={}\n", kViewers,
             sent, send_ns / static_cast<double>(sent), feedback_ns / static_cast<double>(acknowledged),
             sizeof(relay::SendPath));
}
