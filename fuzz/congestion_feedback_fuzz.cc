// rooms: congestion
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "congestion/send_controller.h"
#include "rtp/rtcp/compound.h"

namespace {

using namespace footlight;
using namespace footlight::congestion;

constexpr SendLimits kLimits;

// A path driven by the input: sending, time, silence, reports, and feedback of any content.
class Driver {
 public:
  explicit Driver(uint8_t flags) : controller_(kLimits, flags & 1) {
    controller_.set_may_probe(flags & 2);
    controller_.set_wanted(DataRate::kbps(flags & 4 ? 2500 : 0));
  }

  void send(size_t packets, size_t bytes) {
    for (size_t i = 0; i < packets; ++i) controller_.on_packet_sent(rtp::SeqNum(++seq_), bytes, now_);
  }
  void pass(Duration span) {
    now_ += span;
    controller_.on_tick(now_);
    for (int i = 0; i < 100 && controller_.probe_bytes_due(now_) > 0; ++i) send(1, 1200);
  }
  void feed(ByteView compound) {
    auto reader = rtp::rtcp::CompoundReader::parse(compound);
    if (!reader) return;
    for (rtp::rtcp::Block block; reader->next(block);)
      if (auto feedback = rtp::rtcp::TransportFeedback::parse(block))
        controller_.on_transport_feedback(*feedback, now_);
  }
  // Honest in form and true of numbers that were sent, with arrivals of the input's choice.
  void acknowledge(ByteView arrivals) {
    rtp::rtcp::TransportFeedbackBuilder builder;
    auto base = rtp::UnwrappedSeq(int64_t{65536} + seq_ - static_cast<int64_t>(arrivals.size()));
    builder.begin(rtp::Ssrc(1), rtp::Ssrc(2), number_++, base);
    for (size_t i = 0; i < arrivals.size(); ++i) {
      arrival_ += Duration::micros(int64_t{arrivals[i] & 0x7f} * 500);
      if (!(arrivals[i] & 0x80)) (void)builder.add(base.plus(static_cast<int64_t>(i)), arrival_);
    }
    if (builder.empty()) return;
    std::vector<uint8_t> raw(1300);
    ByteWriter writer(raw);
    builder.write(writer);
    feed(writer.written());
  }
  void report(uint8_t sent, uint8_t lost, uint16_t rtt_ms) {
    controller_.on_round_trip(Duration::millis(rtt_ms), now_);
    controller_.on_receiver_report({sent, static_cast<int8_t>(lost)}, now_);
  }
  void check() const {
    CHECK(controller_.target() >= kLimits.min && controller_.target() <= kLimits.max);
    CHECK(controller_.pacing_rate() >= controller_.target());
    SendState state = controller_.state();
    CHECK(std::isfinite(state.loss_ratio) && state.loss_ratio >= 0 && state.loss_ratio <= 1);
    CHECK(state.queue_delay >= Duration::zero());
    CHECK(!state.loss_based || state.loss_based->bps() > 0);
    (void)controller_.window_full();
  }

 private:
  SendController controller_;
  uint16_t seq_ = 65000;
  uint8_t number_ = 0;
  Timestamp now_ = Timestamp::millis(5000);
  Timestamp arrival_ = Timestamp::millis(90'000);
};

bool step(Driver& driver, ByteReader& in) {
  uint8_t op = 0;
  uint8_t amount = 0;
  if (!in.read_u8(op) || !in.read_u8(amount)) return false;
  ByteView bytes;
  uint8_t more = 0;
  uint16_t wide = 0;
  switch (op % 5) {
    case 0:
      driver.send(amount, 100 + size_t{op} * 8);
      break;
    case 1:
      driver.pass(Duration::micros(int64_t{amount} * amount * 100));
      break;
    case 2:
      if (!in.read_bytes(std::min<size_t>(amount, in.remaining()), bytes)) return false;
      driver.feed(bytes);
      break;
    case 3:
      if (!in.read_bytes(std::min<size_t>(amount, in.remaining()), bytes)) return false;
      driver.acknowledge(bytes);
      break;
    case 4:
      if (!in.read_u8(more) || !in.read_u16(wide)) return false;
      driver.report(amount, more, wide);
      break;
  }
  driver.check();
  return true;
}

}  // namespace

// Whatever a viewer reports, in whatever order, the estimate stays a number between its bounds.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader in({data, size});
  uint8_t flags = 0;
  if (!in.read_u8(flags)) return 0;
  Driver driver(flags);
  while (step(driver, in)) {
  }
  return 0;
}
