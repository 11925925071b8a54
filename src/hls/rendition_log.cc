#include "hls/rendition_log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "base/log.h"

namespace footlight::hls {
namespace {

const Logger kLog("hls");

DiskError disk_error() { return errno == ENOSPC || errno == EDQUOT ? DiskError::kFull : DiskError::kFailed; }

// Segments whose files are looked at after a start: older ones were synced when they were complete.
constexpr size_t kCheckedSegments = 8;
constexpr uint64_t kMaxInitBytes = 1 << 20;

}  // namespace

RenditionLog::RenditionLog(std::filesystem::path folder, FileReader& files)
    : folder_(std::move(folder)), files_(files), journal_(folder_ / "journal") {}

std::filesystem::path RenditionLog::segment_path(int64_t msn) const { return folder_ / fmt::format("{}.m4s", msn); }
std::filesystem::path RenditionLog::init_path(int64_t number) const {
  return folder_ / fmt::format("init-{}.mp4", number);
}

Result<void, DiskError> RenditionLog::open() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return unexpected(error == std::errc::no_space_on_device ? DiskError::kFull : DiskError::kFailed);
  auto records = journal_.open();
  if (!records) return unexpected(records.error());
  if (auto ok = start(*records); !ok) return ok;
  check_files();
  load_inits();
  compacted_size_ = journal_.size();
  return {};
}

Result<void, DiskError> RenditionLog::start(const std::vector<Record>& records) {
  if (records.empty()) return put(BaseRecord{});
  for (const Record& record : records) {
    if (timeline_.apply(record)) continue;
    kLog.error("a spool journal does not follow from itself; what stands behind is ignored",
               {{"folder", folder_.native()}});
    return journal_.rewrite(timeline_.snapshot());
  }
  return {};
}

void RenditionLog::check_files() {
  const auto& segments = timeline_.segments();
  const size_t first = segments.size() > kCheckedSegments ? segments.size() - kCheckedSegments : 0;
  std::vector<int64_t> lost;
  for (size_t i = first; i < segments.size(); ++i) {
    std::error_code error;
    const auto size = std::filesystem::file_size(segment_path(segments[i].msn), error);
    if (!segments[i].gap && (error || size < segments[i].size)) lost.push_back(segments[i].msn);
  }
  for (int64_t msn : lost) {
    kLog.error("a segment's bytes are gone from the spool; it is announced as a gap", {{"msn", msn}});
    if (!put(LostRecord{msn})) return;
  }
}

void RenditionLog::load_inits() {
  for (int64_t number = 0; number < timeline_.next_init(); ++number) {
    std::error_code error;
    const auto size = std::filesystem::file_size(init_path(number), error);
    if (error || size > kMaxInitBytes) continue;  // before a tombstone
    Bytes bytes = read_file(init_path(number), 0, size);
    if (!bytes) continue;
    if (auto info = fmp4::read_init_segment(as_bytes(*bytes))) init_info_ = *info;
    inits_[number] = std::move(bytes);
  }
}

Result<void, DiskError> RenditionLog::put(const Record& record) {
  if (auto ok = journal_.append(record); !ok) return ok;
  CHECK(timeline_.apply(record));
  after(record);
  return {};
}

void RenditionLog::after(const Record& record) {
  const Segment* last = timeline_.has_media() ? &timeline_.segments().back() : nullptr;
  const bool may_complete = std::holds_alternative<PartRecord>(record) || std::holds_alternative<EpochRecord>(record) ||
                            std::holds_alternative<EndRecord>(record) || std::holds_alternative<GapRecord>(record);
  if (may_complete && last != nullptr && last->complete && segment_file_msn_ == last->msn) {
    segment_file_.reset();
    segment_file_msn_ = -1;
    files_.sync(segment_path(last->msn));
    files_.sync(folder_ / "journal");
  }
  const bool ended = std::holds_alternative<EndRecord>(record);
  if (!ended && journal_.size() < compacted_size_ + kCompactBytes) return;
  // Failing is harmless: the long journal says the same.
  if (journal_.rewrite(timeline_.snapshot())) compacted_size_ = journal_.size();
}

Result<void, DiskError> RenditionLog::put_init(int64_t number, std::string bytes) {
  UniqueFd file(::open(init_path(number).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) return unexpected(disk_error());
  if (auto ok = write_all(file.get(), bytes, 0); !ok) return ok;
  if (auto ok = put(InitRecord{number, bytes.size()}); !ok) return ok;
  files_.sync(init_path(number));
  if (auto info = fmp4::read_init_segment(as_bytes(bytes))) init_info_ = *info;
  inits_[number] = std::make_shared<const std::string>(std::move(bytes));
  return {};
}

Result<void, DiskError> RenditionLog::put_part(const PartRecord& part, std::string bytes) {
  if (segment_file_msn_ != part.msn) {
    segment_file_.reset(::open(segment_path(part.msn).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!segment_file_.valid()) return unexpected(disk_error());
    segment_file_msn_ = part.msn;
  }
  const uint64_t offset = part.part == 0 ? 0 : timeline_.segments().back().size;
  if (auto ok = write_all(segment_file_.get(), bytes, offset); !ok) {
    segment_file_msn_ = -1;  // opened anew for the next try
    return ok;
  }
  if (auto ok = put(part); !ok) return ok;
  if (recent_.empty() || recent_.back().msn != part.msn) {
    recent_.push_back({.msn = part.msn, .parts = {}, .whole = nullptr});
    if (recent_.size() > kRecentSegments) recent_.pop_front();
  }
  // After a restart in mid-segment the first parts are on disk only.
  recent_.back().parts.resize(static_cast<size_t>(part.part));
  recent_.back().parts.push_back(std::make_shared<const std::string>(std::move(bytes)));
  return {};
}

void RenditionLog::trim(int64_t start_us) {
  const auto& segments = timeline_.segments();
  int64_t first = -1;
  for (const Segment& segment : segments) {
    if (segment.end_us() > start_us || &segment == &segments.back()) break;
    first = segment.msn + 1;
    std::error_code ignored;
    std::filesystem::remove(segment_path(segment.msn), ignored);
  }
  if (first < 0) return;
  if (!put(TrimRecord{first})) kLog.warn("the spool's journal cannot be written", {{"folder", folder_.native()}});
}

Result<void, DiskError> RenditionLog::bury() {
  const BaseRecord base = timeline_.tombstone();
  if (auto ok = journal_.rewrite({base}); !ok) return ok;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored))
    if (entry.path().filename() != "journal") std::filesystem::remove(entry.path(), ignored);
  return {};
}

Bytes RenditionLog::part_bytes(Position at) const {
  for (const Recent& recent : recent_)
    if (recent.msn == at.msn)
      return static_cast<size_t>(at.part) < recent.parts.size() ? recent.parts[static_cast<size_t>(at.part)] : nullptr;
  return nullptr;
}

Bytes RenditionLog::segment_bytes(int64_t msn) {
  const Segment* segment = timeline_.find(msn);
  auto recent = std::ranges::find(recent_, msn, &Recent::msn);
  if (segment == nullptr || !segment->complete || recent == recent_.end()) return nullptr;
  if (!recent->whole) {
    std::string joined;
    joined.reserve(segment->size);
    for (const Bytes& part : recent->parts) {
      if (!part) return nullptr;
      joined += *part;
    }
    recent->whole = std::make_shared<const std::string>(std::move(joined));
  }
  return recent->whole;
}

Bytes RenditionLog::init_bytes(int64_t number) const {
  auto found = inits_.find(number);
  return found == inits_.end() ? nullptr : found->second;
}

}  // namespace footlight::hls
