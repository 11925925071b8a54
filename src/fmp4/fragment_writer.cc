#include "fmp4/fragment_writer.h"

#include <algorithm>

#include "base/check.h"

namespace footlight::fmp4 {
namespace {

// Sizes in bytes of what a fragment is made of (ISO/IEC 14496-12 §8.8), headers included.
constexpr size_t kBoxHeader = 8;
constexpr size_t kMfhd = 16;
constexpr size_t kTfhd = 16;
constexpr size_t kTfdt = 20;
constexpr size_t kTrunHead = 20;
constexpr size_t kTrunSample = 12;

constexpr uint32_t kTfhdDefaultBaseIsMoof = 0x020000;
constexpr uint32_t kTrunDataOffset = 0x1;
constexpr uint32_t kTrunDurationSizeFlags = 0x100 | 0x200 | 0x400;
// sample_depends_on 2 (on nothing); sample_depends_on 1 and sample_is_non_sync_sample (§8.8.3.1).
constexpr uint32_t kSyncSample = 0x02000000;
constexpr uint32_t kOtherSample = 0x01010000;

size_t traf_size(const TrackRun& run) {
  return kBoxHeader + kTfhd + kTfdt + kTrunHead + kTrunSample * run.samples.size();
}

void write_header(ByteWriter& out, size_t size, std::string_view type) {
  out.u32(static_cast<uint32_t>(size));
  out.bytes(as_bytes(type));
}

// `data_offset`: of the run's first byte, from the start of moof.
void write_traf(ByteWriter& out, const TrackRun& run, size_t data_offset) {
  write_header(out, traf_size(run), "traf");
  write_header(out, kTfhd, "tfhd");
  out.u32(kTfhdDefaultBaseIsMoof);
  out.u32(run.track_id);
  write_header(out, kTfdt, "tfdt");
  out.u32(1u << 24);  // version 1: 64-bit time
  out.u64(run.decode_time);
  write_header(out, kTrunHead + kTrunSample * run.samples.size(), "trun");
  out.u32(kTrunDataOffset | kTrunDurationSizeFlags);
  out.u32(static_cast<uint32_t>(run.samples.size()));
  out.u32(static_cast<uint32_t>(data_offset));
  for (const Sample& sample : run.samples) {
    out.u32(sample.duration);
    out.u32(static_cast<uint32_t>(sample.data.size()));
    out.u32(sample.sync ? kSyncSample : kOtherSample);
  }
}

size_t data_size(const TrackRun& run) {
  size_t size = 0;
  for (const Sample& sample : run.samples) size += sample.data.size();
  return size;
}

}  // namespace

void write_fragment(uint32_t sequence, std::span<const TrackRun> runs, std::vector<uint8_t>& out) {
  CHECK(!runs.empty());
  size_t moof = kBoxHeader + kMfhd;
  size_t media = 0;
  for (const TrackRun& run : runs) {
    CHECK(!run.samples.empty());
    moof += traf_size(run);
    media += data_size(run);
  }
  const size_t total = moof + kBoxHeader + media;
  CHECK(total <= INT32_MAX);  // trun's data_offset is signed
  const size_t start = out.size();
  out.resize(start + total);
  ByteWriter writer(MutableByteView(out).subspan(start));
  write_header(writer, moof, "moof");
  write_header(writer, kMfhd, "mfhd");
  writer.u32(0);
  writer.u32(sequence);
  size_t data_offset = moof + kBoxHeader;
  for (const TrackRun& run : runs) {
    write_traf(writer, run, data_offset);
    data_offset += data_size(run);
  }
  write_header(writer, kBoxHeader + media, "mdat");
  for (const TrackRun& run : runs)
    for (const Sample& sample : run.samples) writer.bytes(sample.data);
  CHECK(writer.ok() && writer.size() == total);
}

}  // namespace footlight::fmp4
