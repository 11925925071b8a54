#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "hls/record.h"

namespace footlight::hls {

// One record as one line: its letter, its numbers, and the CRC-32 of what stands before, so that a line cut by a crash
// at any byte is known: "P 12 0 51234 200000 1700000000000000 0 1 0 *8f3a61c2\n".
[[nodiscard]] std::string encode(const Record& record);
// The line of a body: " *", its CRC-32, newline.
[[nodiscard]] std::string with_checksum(std::string body);
// nullopt for anything that encode() would not write.
[[nodiscard]] std::optional<Record> decode(std::string_view line);

struct JournalText {
  std::vector<Record> records;
  size_t valid_bytes = 0;  // up to and including the last line that is whole; what follows is dropped
};
[[nodiscard]] JournalText read_journal(std::string_view text);

enum class DiskError { kFull, kFailed };

// The file of a rendition's records, append only. Owned by its RenditionLog; loop thread. A process killed at any
// byte loses at most the line being written, which nobody was told of. Not synced line by line: a power cut may cost
// the last lines and never more than whole ones (the CRC).
class Journal {
 public:
  explicit Journal(std::filesystem::path path) : path_(std::move(path)) {}
  // Reads what is there, cuts a torn tail off, and is ready to append. Makes the file when there is none.
  [[nodiscard]] Result<std::vector<Record>, DiskError> open();
  // A failed append leaves the file as it was.
  [[nodiscard]] Result<void, DiskError> append(const Record& record);
  // Replaces all by `records` through a new file that is synced and renamed.
  [[nodiscard]] Result<void, DiskError> rewrite(const std::vector<Record>& records);
  [[nodiscard]] uint64_t size() const { return size_; }
  void close() { file_.reset(); }

 private:
  std::filesystem::path path_;
  UniqueFd file_;
  uint64_t size_ = 0;
};

// Writes all of `bytes` at `offset`.
[[nodiscard]] Result<void, DiskError> write_all(int fd, std::string_view bytes, uint64_t offset);

}  // namespace footlight::hls
