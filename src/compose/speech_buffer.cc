#include "compose/speech_buffer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "compose/resampler.h"
#include "compose/splice.h"
#include "compose/timeline.h"

namespace footlight::compose {
namespace {

constexpr int64_t kMaxPacketSamples = 6144;  // AAC at 8 kHz; Opus has 5760 at most (RFC 6716 §2.1.4)
constexpr size_t kMaxPackets = 100;          // 2 s of 20 ms packets
constexpr double kJumpSamples = 2880;        // 60 ms: further off is a new start, not a skew
constexpr double kMaxSlew = 0.004;           // 7 cents: nobody hears it
constexpr double kSlewSamples = 48'000;      // an error is worked off within about a second
constexpr int64_t kConcealSamples = 5760;    // 120 ms of guesses, then silence
constexpr int kConcealStep = 480;            // 10 ms at a time
// Places closer together than the shortest Opus packet (2.5 ms) are one: AAC at 44.1 kHz falls between samples.
constexpr int64_t kSnap = 119;
constexpr int64_t kMargin = Resampler::kTaps;

}  // namespace

void SpeechBuffer::insert(int64_t place, ByteView packet) {
  if (packet.empty()) return;
  const int64_t decoded_end = pcm_start_ + static_cast<int64_t>(pcm_.size() / 2);
  if (read_ && place < decoded_end - kSnap) {
    ++counters_.late;
    return;
  }
  packets_.try_emplace(place, packet.begin(), packet.end());
  if (packets_.size() > kMaxPackets) packets_.erase(packets_.begin());
}

void SpeechBuffer::start_at(double position) {
  read_ = position;
  pcm_start_ = static_cast<int64_t>(std::floor(position)) - kMargin;
  pcm_.clear();
  // Packets from before the place are no use, except the one that covers it.
  auto from = packets_.upper_bound(pcm_start_);
  if (from != packets_.begin()) --from;
  packets_.erase(packets_.begin(), from);
  if (!packets_.empty() && packets_.begin()->first < pcm_start_ - kMaxPacketSamples) packets_.erase(packets_.begin());
  if (!packets_.empty() && packets_.begin()->first < pcm_start_) pcm_start_ = packets_.begin()->first;
  guessed_ = kConcealSamples;  // nothing to guess from
  splice_ = 0;
  ++counters_.jumps;
}

// Appends the next piece: a packet, its reconstruction, a guess, or silence; towards `end`, by one step.
void SpeechBuffer::decode_next(int64_t end) {
  const int64_t at = pcm_start_ + static_cast<int64_t>(pcm_.size() / 2);
  while (!packets_.empty() && packets_.begin()->first < at - kSnap) {
    packets_.erase(packets_.begin());
    ++counters_.late;
  }
  const bool have_next = !packets_.empty();
  const int64_t gap = have_next ? packets_.begin()->first - at : INT64_MAX;
  if (std::abs(gap) <= kSnap) {
    packet_samples_ = decoder_->decode(packets_.begin()->second, pcm_);
    packets_.erase(packets_.begin());
    guessed_ = 0;
    return;
  }
  if (std::abs(gap - packet_samples_) <= kSnap && guessed_ < kConcealSamples) {
    decoder_->recover(packets_.begin()->second, packet_samples_, pcm_);
    ++counters_.recovered;
    guessed_ = 0;
    return;
  }
  const auto wanted = static_cast<int>(std::min<int64_t>({gap, kConcealStep, std::max<int64_t>(end - at, 1)}));
  const int step = (wanted + 119) / 120 * 120;
  if (guessed_ < kConcealSamples && step <= gap) {
    decoder_->conceal(step, pcm_);
    guessed_ += step;
    counters_.concealed += static_cast<uint64_t>(step);
  } else {
    pcm_.resize(pcm_.size() + 2 * static_cast<size_t>(wanted), 0.0F);
  }
}

bool SpeechBuffer::decode_until(int64_t end) {
  bool sound = false;
  while (pcm_start_ + static_cast<int64_t>(pcm_.size() / 2) < end) {
    decode_next(end);
    sound = sound || guessed_ < kConcealSamples;
  }
  return sound || guessed_ < kConcealSamples;
}

void SpeechBuffer::forget_before(int64_t sample) {
  const int64_t drop = std::min(sample - pcm_start_, static_cast<int64_t>(pcm_.size() / 2));
  if (drop <= 0) return;
  pcm_.erase(pcm_.begin(), pcm_.begin() + 2 * drop);
  pcm_start_ += drop;
}

// The end of what is decoded or lies ready without a gap.
int64_t SpeechBuffer::here_until() const {
  int64_t end = pcm_start_ + static_cast<int64_t>(pcm_.size() / 2);
  for (const auto& [place, packet] : packets_) {
    if (std::abs(place - end) > kSnap) break;
    end += decoder_->samples_of(packet);
  }
  return end;
}

int SpeechBuffer::shorten(double most) {
  if (!read_ || splice_ != 0 || guessed_ > 0) return 0;
  const int wanted = std::min(static_cast<int>(most), Splice::kLongest);
  const auto from = static_cast<int64_t>(std::floor(*read_));
  // The block that is read next shall not lack what is left out here.
  const int64_t after = from + wanted + kBlockSamples + kMargin + 1;
  if (wanted < Splice::kShortest || here_until() < after) return 0;
  decode_until(from + wanted + Splice::kWindow);
  splice_ = Splice::find(std::span(pcm_).subspan(2 * static_cast<size_t>(from - pcm_start_)), wanted);
  counters_.shortened += static_cast<uint64_t>(splice_);
  return splice_;
}

bool SpeechBuffer::pull(double position, double skew, std::span<float> out) {
  if (!read_ && packets_.empty()) {
    std::ranges::fill(out, 0.0F);
    return false;
  }
  if (!read_ || std::abs(position - *read_ - splice_) > kJumpSamples) start_at(position);
  const double error = position - *read_ - splice_;
  const double step = 1 + skew + std::clamp(error / kSlewSamples, -kMaxSlew, kMaxSlew);
  const auto samples = static_cast<double>(out.size() / 2);
  const auto end = static_cast<int64_t>(std::ceil(*read_ + splice_ + samples * step)) + kMargin;
  const bool sound = decode_until(end);
  const double from = *read_ - static_cast<double>(pcm_start_);
  if (splice_ != 0 && out.size() / 2 >= Splice::kFade) {
    std::array<float, 2 * Splice::kFade> last;
    Resampler::read(pcm_, from, step, last);
    Resampler::read(pcm_, from + splice_, step, out);
    std::array<float, 2 * Splice::kFade> next;
    std::copy_n(out.begin(), next.size(), next.begin());
    std::ranges::copy(last, out.begin());
    Splice::fade(next, out);
  } else {
    Resampler::read(pcm_, from + splice_, step, out);
  }
  *read_ += splice_ + samples * step;
  splice_ = 0;
  forget_before(static_cast<int64_t>(std::floor(*read_)) - kMargin);
  return sound;
}

}  // namespace footlight::compose
