#include "rtp/rtcp/transport_feedback.h"

#include <algorithm>

#include "base/check.h"
#include "rtp/rtcp/feedback_header.h"

namespace footlight::rtp::rtcp {
namespace {

constexpr size_t kFixedSize = 8;  // base sequence, count, reference time, feedback number
constexpr int64_t kTicksPerReference = kFeedbackReferenceTick.us() / kFeedbackTick.us();

// Packet status symbols, draft §3.1.1. The number is also the size of the receive delta.
constexpr uint8_t kLost = 0;
constexpr uint8_t kSmallDelta = 1;  // 0 to 63.75 ms
constexpr uint8_t kLargeDelta = 2;  // signed 16 bits
constexpr uint8_t kReserved = 3;

// Packet chunks, draft §3.1.3 and §3.1.4:
// |0|symbol: 2|run length: 13|        |1|0|14 symbols of one bit|        |1|1|7 symbols of two bits|
constexpr uint16_t kVectorFlag = 0x8000;
constexpr uint16_t kTwoBitFlag = 0x4000;
constexpr uint16_t kRunMask = 0x1fff;
constexpr uint16_t kOneBitSymbols = 14;
constexpr uint16_t kTwoBitSymbols = 7;

uint16_t size_of_chunk(uint16_t chunk) {
  if (!(chunk & kVectorFlag)) return chunk & kRunMask;
  return chunk & kTwoBitFlag ? kTwoBitSymbols : kOneBitSymbols;
}

uint8_t symbol_of(uint16_t chunk, uint16_t i) {
  if (!(chunk & kVectorFlag)) return static_cast<uint8_t>(chunk >> 13 & 3);
  if (chunk & kTwoBitFlag) return static_cast<uint8_t>(chunk >> 2 * (kTwoBitSymbols - 1 - i) & 3);
  return static_cast<uint8_t>(chunk >> (kOneBitSymbols - 1 - i) & 1);
}

// Walks the chunks that hold `count` statuses; how many bytes of deltas follow them.
Result<size_t, MessageError> measure(ByteReader& r, size_t count) {
  size_t delta_bytes = 0;
  while (count > 0) {
    uint16_t chunk = 0;
    if (!r.read_u16(chunk)) return unexpected(MessageError::kTruncated);
    auto n = static_cast<uint16_t>(std::min<size_t>(size_of_chunk(chunk), count));
    if (n == 0) return unexpected(MessageError::kBadValue);  // an empty run would let a message loop for nothing
    for (uint16_t i = 0; i < n; ++i) {
      uint8_t symbol = symbol_of(chunk, i);
      if (symbol == kReserved) return unexpected(MessageError::kBadValue);
      delta_bytes += symbol;
    }
    count -= n;
  }
  return delta_bytes;
}

}  // namespace

Result<TransportFeedback, MessageError> TransportFeedback::parse(const Block& block) {
  ByteReader r(block.body);
  auto header = FeedbackHeader::parse(block, BlockType::kTransportLayerFeedback, kFmtTransportFeedback, r);
  if (!header) return unexpected(header.error());
  TransportFeedback feedback;
  uint32_t reference = 0;
  if (!r.read_u16(feedback.base_seq_) || !r.read_u16(feedback.count_) || !r.read_u24(reference) ||
      !r.read_u8(feedback.number_))
    return unexpected(MessageError::kTruncated);
  if (feedback.count_ == 0) return unexpected(MessageError::kBadValue);
  ByteReader chunks = r;
  auto delta_bytes = measure(r, feedback.count_);
  if (!delta_bytes) return unexpected(delta_bytes.error());
  if (!chunks.read_bytes(r.position() - chunks.position(), feedback.chunks_) ||
      !r.read_bytes(*delta_bytes, feedback.deltas_))
    return unexpected(MessageError::kTruncated);
  feedback.sender_ = header->sender;
  feedback.media_ = header->media;
  feedback.reference_ = static_cast<int32_t>(reference << 8) >> 8;  // sign of 24 bits
  return feedback;
}

TransportFeedback::Reader::Reader(const TransportFeedback& feedback)
    : chunks_(feedback.chunks_),
      deltas_(feedback.deltas_),
      seq_(feedback.base_seq_),
      left_(feedback.count_),
      ticks_(feedback.reference_ * kTicksPerReference) {}

bool TransportFeedback::Reader::next(Packet& out) {
  if (left_ == 0) return false;
  if (at_in_chunk_ == chunk_size_) {
    if (!chunks_.read_u16(chunk_)) return false;
    chunk_size_ = size_of_chunk(chunk_);
    at_in_chunk_ = 0;
  }
  uint8_t symbol = symbol_of(chunk_, at_in_chunk_++);
  out = {SeqNum(seq_++), std::nullopt};
  --left_;
  if (symbol == kLost) return true;
  uint8_t small = 0;
  uint16_t large = 0;
  if (symbol == kSmallDelta ? !deltas_.read_u8(small) : !deltas_.read_u16(large)) return false;
  ticks_ += symbol == kSmallDelta ? small : static_cast<int16_t>(large);
  out.arrival = kFeedbackTick * ticks_;
  return true;
}

void TransportFeedbackBuilder::begin(Ssrc sender, Ssrc media, uint8_t feedback_number, UnwrappedSeq base) {
  sender_ = sender;
  media_ = media;
  number_ = feedback_number;
  base_ = base;
  count_ = 0;
  received_ = 0;
  delta_bytes_ = 0;
}

bool TransportFeedbackBuilder::add(UnwrappedSeq seq, Timestamp arrival) {
  int64_t index = seq - base_;
  if (index < static_cast<int64_t>(count_) || index >= static_cast<int64_t>(kMaxPackets)) return false;
  int64_t ticks = arrival.us() / kFeedbackTick.us();
  if (received_ == 0) {
    reference_ = ticks / kTicksPerReference;
    last_ticks_ = reference_ * kTicksPerReference;
  }
  int64_t delta = ticks - last_ticks_;
  if (delta < INT16_MIN || delta > INT16_MAX) return false;
  auto at = static_cast<size_t>(index);
  std::fill(symbols_.begin() + static_cast<ptrdiff_t>(count_), symbols_.begin() + index, kLost);
  symbols_[at] = delta >= 0 && delta <= UINT8_MAX ? kSmallDelta : kLargeDelta;
  deltas_[at] = static_cast<int16_t>(delta);
  delta_bytes_ += symbols_[at];
  count_ = at + 1;
  ++received_;
  last_ticks_ = ticks;
  return true;
}

// The chunk for the statuses from `at` on: the form that takes the most of them.
uint16_t TransportFeedbackBuilder::chunk_at(size_t at, size_t& taken) const {
  size_t left = count_ - at;
  uint8_t symbol = symbols_[at];
  size_t run = 1;
  while (run < left && symbols_[at + run] == symbol) ++run;
  if (run >= kOneBitSymbols || (symbol == kLargeDelta && run >= kTwoBitSymbols)) {
    taken = run;  // at most kMaxPackets, which fits 13 bits
    return static_cast<uint16_t>(symbol << 13 | static_cast<int>(run));
  }
  size_t ones = std::min<size_t>(left, kOneBitSymbols);
  auto from = symbols_.begin() + static_cast<ptrdiff_t>(at);
  bool two_bits =
      std::find(from, from + static_cast<ptrdiff_t>(ones), kLargeDelta) != from + static_cast<ptrdiff_t>(ones);
  taken = two_bits ? std::min<size_t>(left, kTwoBitSymbols) : ones;
  auto chunk = static_cast<unsigned>(two_bits ? kVectorFlag | kTwoBitFlag : kVectorFlag);
  for (size_t i = 0; i < taken; ++i)
    chunk |= static_cast<unsigned>(symbols_[at + i])
             << (two_bits ? 2 * (kTwoBitSymbols - 1 - i) : kOneBitSymbols - 1 - i);
  return static_cast<uint16_t>(chunk);
}

void TransportFeedbackBuilder::write(ByteWriter& w) const {
  CHECK(received_ > 0);
  size_t chunks = 0;
  size_t taken = 0;
  for (size_t at = 0; at < count_; at += taken, ++chunks) (void)chunk_at(at, taken);
  size_t fci = kFixedSize + 2 * chunks + delta_bytes_;
  size_t padding = (4 - fci % 4) % 4;
  FeedbackHeader{sender_, media_}.write(w, BlockType::kTransportLayerFeedback, kFmtTransportFeedback, fci + padding);
  w.u16(base_.wrapped().value());
  w.u16(static_cast<uint16_t>(count_));
  w.u24(static_cast<uint32_t>(reference_) & 0xffffff);
  w.u8(number_);
  for (size_t at = 0; at < count_; at += taken) w.u16(chunk_at(at, taken));
  for (size_t i = 0; i < count_; ++i) {
    if (symbols_[i] == kSmallDelta) w.u8(static_cast<uint8_t>(deltas_[i]));
    if (symbols_[i] == kLargeDelta) w.u16(static_cast<uint16_t>(deltas_[i]));
  }
  w.zeros(padding);
}

}  // namespace footlight::rtp::rtcp
