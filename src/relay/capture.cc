#include "relay/capture.h"

#include <algorithm>
#include <cstdlib>

namespace footlight::relay {
namespace {

constexpr size_t kMaxId = 255;

void put(std::vector<uint8_t>& out, uint64_t value, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

}  // namespace

void append_record(std::vector<uint8_t>& out, const CaptureRecord& record) {
  std::string_view id = record.id.substr(0, kMaxId);
  put(out, static_cast<uint64_t>(record.kind), 1);
  put(out, static_cast<uint64_t>(record.at.us()), 8);
  put(out, id.size(), 1);
  out.insert(out.end(), id.begin(), id.end());
  put(out, record.body.size(), 4);
  out.insert(out.end(), record.body.begin(), record.body.end());
}

Result<CaptureReader, CaptureError> CaptureReader::open(ByteView file) {
  if (file.size() < kCaptureMagic.size() || as_text(file.first(kCaptureMagic.size())) != kCaptureMagic)
    return unexpected(CaptureError::kNoCapture);
  return CaptureReader(file.subspan(kCaptureMagic.size()));
}

// 2^53 us are 285 years: what adds to it cannot overflow. Nor can a difference of 2^45, a year, in any
// track's clock; some records bear no time.
bool CaptureReader::takes(CaptureKind kind, uint64_t at) {
  if (at >> 53 != 0) return false;
  if (kind == CaptureKind::kOptions || kind == CaptureKind::kRandom || kind == CaptureKind::kLost) return true;
  const auto time = static_cast<int64_t>(at);
  if (!first_) first_ = time;
  return std::abs(time - *first_) < int64_t{1} << 45;
}

bool CaptureReader::next(CaptureRecord& out) {
  if (error_ || reader_.remaining() == 0) return false;
  uint8_t kind = 0;
  uint64_t at = 0;
  uint8_t id_size = 0;
  ByteView id;
  uint32_t body_size = 0;
  if (!reader_.read_u8(kind) || !reader_.read_u64(at) || !reader_.read_u8(id_size) ||
      !reader_.read_bytes(id_size, id) || !reader_.read_u32(body_size) || !reader_.read_bytes(body_size, out.body)) {
    error_ = CaptureError::kTruncated;
    return false;
  }
  if (kind == 0 || kind > static_cast<uint8_t>(kLastCaptureKind)) {
    error_ = CaptureError::kBadKind;
    return false;
  }
  if (!takes(static_cast<CaptureKind>(kind), at)) {
    error_ = CaptureError::kBadTime;
    return false;
  }
  out.kind = static_cast<CaptureKind>(kind);
  out.at = Timestamp::micros(static_cast<int64_t>(at));
  out.id = as_text(id);
  return true;
}

void Capture::begin() {
  if (depth_++ == 0) tape_.start();
}

void Capture::end() {
  if (--depth_ > 0) return;
  tape_.stop();
  std::vector<uint8_t> random = tape_.take();
  if (!random.empty()) {
    // Before what used it.
    std::vector<uint8_t> first;
    append_record(first, {CaptureKind::kRandom, last_at_, {}, random});
    sink_.write(first);
  }
  if (!records_.empty()) sink_.write(records_);
  records_.clear();
}

void Capture::note(CaptureKind kind, Timestamp at, std::string_view id, ByteView body) {
  unflushed_ =
      unflushed_ || kind == CaptureKind::kRtp || kind == CaptureKind::kPipeRtp || kind == CaptureKind::kRtmpEvent;
  last_at_ = at;
  append_record(records_, {kind, at, id, body});
}

}  // namespace footlight::relay
