#include "fmp4/fragment_reader.h"

#include <optional>

namespace footlight::fmp4 {
namespace {

// tfhd and trun flags (ISO/IEC 14496-12 §8.8.7, §8.8.8).
constexpr uint32_t kTfhdBaseDataOffset = 0x1;
constexpr uint32_t kTfhdDescriptionIndex = 0x2;
constexpr uint32_t kTfhdDuration = 0x8;
constexpr uint32_t kTfhdSize = 0x10;
constexpr uint32_t kTfhdFlags = 0x20;
constexpr uint32_t kTfhdDefaultBaseIsMoof = 0x020000;
constexpr uint32_t kTrunDataOffset = 0x1;
constexpr uint32_t kTrunFirstFlags = 0x4;
constexpr uint32_t kTrunDuration = 0x100;
constexpr uint32_t kTrunSize = 0x200;
constexpr uint32_t kTrunFlags = 0x400;
constexpr uint32_t kTrunCompositionOffset = 0x800;
constexpr uint32_t kNonSync = 0x10000;  // sample_is_non_sync_sample

struct Defaults {
  uint32_t duration = 0, size = 0, flags = 0;
  bool has_duration = false, has_size = false;
};

// Where the mdat's payload lies, counted from the first byte of moof as data offsets are.
struct DataRange {
  uint64_t begin = 0, end = 0;
};

bool read_version_flags(ByteReader& in, uint8_t& version, uint32_t& flags) {
  return in.read_u8(version) && in.read_u24(flags);
}

// Reads a field that is there only when its flag is.
bool read_if(ByteReader& in, bool present, uint32_t& out) { return !present || in.read_u32(out); }

Result<Defaults, ReadError> read_tfhd(ByteView payload, RunInfo& run) {
  ByteReader in(payload);
  uint8_t version = 0;
  uint32_t flags = 0, ignored = 0;
  Defaults d;
  if (!read_version_flags(in, version, flags) || !in.read_u32(run.track_id)) return unexpected(ReadError::kTruncated);
  if ((flags & kTfhdBaseDataOffset) != 0 || (flags & kTfhdDefaultBaseIsMoof) == 0)
    return unexpected(ReadError::kUnsupported);
  d.has_duration = (flags & kTfhdDuration) != 0;
  d.has_size = (flags & kTfhdSize) != 0;
  if (!read_if(in, (flags & kTfhdDescriptionIndex) != 0, ignored) || !read_if(in, d.has_duration, d.duration) ||
      !read_if(in, d.has_size, d.size) || !read_if(in, (flags & kTfhdFlags) != 0, d.flags))
    return unexpected(ReadError::kTruncated);
  return d;
}

Result<void, ReadError> read_tfdt(ByteView payload, RunInfo& run) {
  ByteReader in(payload);
  uint8_t version = 0;
  uint32_t flags = 0, short_time = 0;
  if (!read_version_flags(in, version, flags)) return unexpected(ReadError::kTruncated);
  if (version > 1) return unexpected(ReadError::kUnsupported);
  if (version == 1) {
    if (!in.read_u64(run.decode_time)) return unexpected(ReadError::kTruncated);
  } else {
    if (!in.read_u32(short_time)) return unexpected(ReadError::kTruncated);
    run.decode_time = short_time;
  }
  return {};
}

// Sums one trun into `run`; `position` is where the next sample's bytes begin.
Result<void, ReadError> read_trun(ByteView payload, const Defaults& defaults, const DataRange& data, RunInfo& run) {
  ByteReader in(payload);
  uint8_t version = 0;
  uint32_t flags = 0, count = 0, offset = 0, first_flags = defaults.flags;
  if (!read_version_flags(in, version, flags) || !in.read_u32(count)) return unexpected(ReadError::kTruncated);
  if ((flags & kTrunDataOffset) == 0) return unexpected(ReadError::kUnsupported);
  const bool has_duration = (flags & kTrunDuration) != 0, has_size = (flags & kTrunSize) != 0;
  if ((!has_duration && !defaults.has_duration) || (!has_size && !defaults.has_size))
    return unexpected(ReadError::kMissing);
  if (!in.read_u32(offset) || !read_if(in, (flags & kTrunFirstFlags) != 0, first_flags))
    return unexpected(ReadError::kTruncated);
  const size_t fields = static_cast<size_t>(has_duration) + static_cast<size_t>(has_size) +
                        static_cast<size_t>((flags & kTrunFlags) != 0) +
                        static_cast<size_t>((flags & kTrunCompositionOffset) != 0);
  // The count is the peer's word: without fields of its own each sample would cost us time and it no bytes.
  if (fields == 0) return unexpected(ReadError::kUnsupported);
  if (in.remaining() != fields * 4 * count) return unexpected(ReadError::kTruncated);
  uint64_t position = offset;
  if (position < data.begin) return unexpected(ReadError::kInconsistent);
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t duration = defaults.duration, size = defaults.size, ignored = 0;
    uint32_t sample_flags = i == 0 ? first_flags : defaults.flags;
    if (!read_if(in, has_duration, duration) || !read_if(in, has_size, size) ||
        !read_if(in, (flags & kTrunFlags) != 0, sample_flags) ||
        !read_if(in, (flags & kTrunCompositionOffset) != 0, ignored))
      return unexpected(ReadError::kTruncated);
    if (run.sample_count == 0) run.starts_with_sync = (sample_flags & kNonSync) == 0;
    run.duration += duration;
    ++run.sample_count;
    position += size;
    if (position > data.end) return unexpected(ReadError::kInconsistent);
  }
  return {};
}

Result<RunInfo, ReadError> read_traf(ByteView payload, const DataRange& data) {
  RunInfo run;
  auto tfhd = only_child(payload, fourcc("tfhd"));
  if (!tfhd) return unexpected(tfhd.error());
  auto defaults = read_tfhd(tfhd->payload, run);
  if (!defaults) return unexpected(defaults.error());
  auto tfdt = only_child(payload, fourcc("tfdt"));
  if (!tfdt) return unexpected(tfdt.error());
  if (auto ok = read_tfdt(tfdt->payload, run); !ok) return unexpected(ok.error());
  BoxReader boxes(payload);
  while (!boxes.done()) {
    auto box = boxes.next();
    if (!box) return unexpected(box.error());
    if (box->type != fourcc("trun")) continue;
    if (auto ok = read_trun(box->payload, *defaults, data, run); !ok) return unexpected(ok.error());
  }
  if (run.sample_count == 0) return unexpected(ReadError::kMissing);
  return run;
}

Result<FragmentInfo, ReadError> read_moof(const Box& moof, const DataRange& data) {
  FragmentInfo info;
  auto mfhd = only_child(moof.payload, fourcc("mfhd"));
  if (!mfhd) return unexpected(mfhd.error());
  ByteReader in(mfhd->payload);
  if (!in.skip(4) || !in.read_u32(info.sequence)) return unexpected(ReadError::kTruncated);
  BoxReader boxes(moof.payload);
  while (!boxes.done()) {
    auto box = boxes.next();
    if (!box) return unexpected(box.error());
    if (box->type != fourcc("traf")) continue;
    if (info.run_count == FragmentInfo::kMaxTracks) return unexpected(ReadError::kUnsupported);
    auto run = read_traf(box->payload, data);
    if (!run) return unexpected(run.error());
    info.runs[info.run_count++] = *run;
  }
  if (info.run_count == 0) return unexpected(ReadError::kMissing);
  return info;
}

}  // namespace

Result<FragmentInfo, ReadError> read_fragment(ByteView bytes) {
  std::optional<Box> moof, mdat;
  BoxReader boxes(bytes);
  while (!boxes.done()) {
    auto box = boxes.next();
    if (!box) return unexpected(box.error());
    const bool is_moof = box->type == fourcc("moof"), is_mdat = box->type == fourcc("mdat");
    if (is_moof && !moof && !mdat) {
      moof = *box;
    } else if (is_mdat && moof && !mdat) {
      mdat = *box;
    } else if (is_moof || is_mdat || moof || (box->type != fourcc("styp") && box->type != fourcc("prft"))) {
      return unexpected(ReadError::kUnexpected);
    }
  }
  if (!moof || !mdat) return unexpected(ReadError::kMissing);
  const uint64_t header = mdat->whole.size() - mdat->payload.size();
  return read_moof(*moof, {moof->whole.size() + header, moof->whole.size() + mdat->whole.size()});
}

}  // namespace footlight::fmp4
