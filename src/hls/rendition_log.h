#pragma once
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "base/unique_fd.h"
#include "fmp4/init_reader.h"
#include "hls/file_reader.h"
#include "hls/journal.h"
#include "hls/timeline.h"

namespace footlight::hls {

// One rendition's media: timeline, journal, segment files and the newest bytes in memory. Owned by its Stream; loop
// thread. In: records that the caller has checked against timeline(). Bytes first, then the journal line, then the
// timeline: what is announced can be fetched, and can be fetched after a crash. A failed write announces nothing.
class RenditionLog {
 public:
  // Segments whose parts stay in memory: what is listed as parts (3 target durations) and as long again.
  static constexpr size_t kRecentSegments = 8;
  // The journal is rewritten without the parts of old segments when it has grown by this much.
  static constexpr uint64_t kCompactBytes = 4 << 20;

  RenditionLog(std::filesystem::path folder, FileReader& files);
  // Makes the folder, reads the journal back, drops what a power cut took.
  [[nodiscard]] Result<void, DiskError> open();
  [[nodiscard]] const Timeline& timeline() const { return timeline_; }

  [[nodiscard]] Result<void, DiskError> put_init(int64_t number, std::string bytes);
  [[nodiscard]] Result<void, DiskError> put_part(const PartRecord& part, std::string bytes);
  // Any record without bytes: timing, epoch, gap, end, reopen.
  [[nodiscard]] Result<void, DiskError> put(const Record& record);
  // Removes files of segments that ended before `start_us` on the timeline; the newest stays.
  void trim(int64_t start_us);
  // Removes all media; what stays is the numbering, so that no name is ever used again.
  [[nodiscard]] Result<void, DiskError> bury();

  // Bytes in memory, or null. A complete segment's are joined on first use.
  [[nodiscard]] Bytes part_bytes(Position at) const;
  [[nodiscard]] Bytes segment_bytes(int64_t msn);
  [[nodiscard]] Bytes init_bytes(int64_t number) const;
  [[nodiscard]] std::filesystem::path segment_path(int64_t msn) const;
  // The newest init segment, read.
  [[nodiscard]] const std::optional<fmp4::InitInfo>& init_info() const { return init_info_; }

 private:
  struct Recent {
    int64_t msn = 0;
    std::vector<Bytes> parts;
    Bytes whole;
  };
  [[nodiscard]] Result<void, DiskError> start(const std::vector<Record>& records);
  void check_files();
  void load_inits();
  void after(const Record& record);
  [[nodiscard]] std::filesystem::path init_path(int64_t number) const;

  std::filesystem::path folder_;
  FileReader& files_;
  Journal journal_;
  Timeline timeline_;
  UniqueFd segment_file_;
  int64_t segment_file_msn_ = -1;
  std::deque<Recent> recent_;
  std::map<int64_t, Bytes> inits_;
  std::optional<fmp4::InitInfo> init_info_;
  uint64_t compacted_size_ = 0;
};

}  // namespace footlight::hls
