#include "compose/video_receiver.h"

#include "base/check.h"
#include "compose/turned.h"
#include "rtp/payload/key_frame.h"
#include "rtp/pipe_extensions.h"

namespace footlight::compose {
namespace {

// How long packets wait behind a gap: a repair through relay and publisher at 100 ms round trip, and one repeat.
constexpr Duration kPatience = Duration::millis(220);
// When the relay replays its join cache, its key frame comes first: time for the rest of it to come.
constexpr Duration kJoinGrace = Duration::millis(100);
constexpr Duration kKeyRequestInterval = Duration::millis(250);

}  // namespace

VideoReceiver::VideoReceiver(media::Codec codec)
    : codec_(codec), assembler_(rtp::make_frame_assembler(codec)), reorder_(kPatience) {
  CHECK(assembler_ != nullptr);
  auto decoder = libav::VideoDecoder::open(codec);
  CHECK(decoder.has_value());  // codecs were chosen by apply(); a libavcodec without them is no Footlight
  decoder_.emplace(std::move(*decoder));
}

void VideoReceiver::on_packet(const rtp::PacketView& packet, rtp::UnwrappedTime time, Timestamp now) {
  if (!ask_from_) ask_from_ = rtp::starts_key_frame(codec_, packet.payload()) ? now + kJoinGrace : now;
  const rtp::UnwrappedSeq seq = seq_.unwrap(packet.seq());
  if (!losses_.on_packet(seq, now)) return;
  note_orientation(packet, time);
  const ByteView payload = packet.payload();
  reorder_.push({seq, time, packet.marker(), now, {payload.begin(), payload.end()}});
}

std::optional<VideoReceiver::Output> VideoReceiver::take(Timestamp now) {
  for (;;) {
    while (auto frame = assembler_->take())
      if (auto out = decode(std::move(*frame))) return out;
    auto packet = reorder_.pop(now);
    if (!packet) return std::nullopt;
    losses_.forget_before(packet->seq);
    assembler_->push({packet->seq, packet->time, packet->marker, packet->payload, packet->arrival});
  }
}

void VideoReceiver::damaged() {
  need_key_ = true;
  ++counters_.damaged;
}

std::optional<VideoReceiver::Output> VideoReceiver::decode(rtp::AssembledFrame assembled) {
  const media::EncodedFrame& frame = assembled.frame;
  const bool usable = assembled.intact && (frame.key || (!need_key_ && !assembled.gap_before));
  if (!usable) {
    damaged();
    return std::nullopt;
  }
  if (frame.key) {
    ++counters_.key_frames;
    // A decoder that met damage may keep a damaged parameter set's reordering: begin anew.
    if (need_key_ && counters_.frames > 0 && !decoder_->reset()) return std::nullopt;
    need_key_ = false;
  }
  auto shown = decoder_->decode(frame.data, frame.rtp_time);
  if (!shown) {
    damaged();
    return std::nullopt;
  }
  if (!*shown) return std::nullopt;
  ++counters_.frames;
  return Output{(*shown)->time, frame.arrival, turned((*shown)->picture, orientation_at((*shown)->time))};
}

void VideoReceiver::note_orientation(const rtp::PacketView& packet, rtp::UnwrappedTime time) {
  constexpr size_t kMaxChanges = 64;  // in flight: more than a phone can be turned in the time that packets wait
  static const rtp::ExtensionMap extensions = rtp::pipe_extensions();
  const auto orientation = rtp::read_extensions(packet, extensions).video_orientation;
  const Orientation& newest = orientations_.back();
  if (!orientation || orientation->clockwise_degrees == newest.degrees || time.value() < newest.from) return;
  if (orientations_.size() == kMaxChanges) orientations_.pop_front();
  orientations_.push_back({time.value(), orientation->clockwise_degrees});
}

int VideoReceiver::orientation_at(int64_t rtp_time) {
  while (orientations_.size() > 1 && orientations_[1].from <= rtp_time) orientations_.pop_front();
  return orientations_.front().degrees;
}

bool VideoReceiver::take_key_request(Timestamp now) {
  if (!need_key_ || !ask_from_ || now < *ask_from_) return false;
  if (asked_ && now - *asked_ < kKeyRequestInterval) return false;
  asked_ = now;
  ++counters_.key_requests;
  return true;
}

}  // namespace footlight::compose
