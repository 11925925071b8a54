#pragma once
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"

namespace footlight::app {

// The data directory of one `serve`: <data>/run (0700) for sockets, <data>/admin_token (0600), and a lock that a second
// `serve` on the same directory finds taken. Held for the supervisor's life; the lock dies with the process.
class DataFolder {
 public:
  [[nodiscard]] static Result<DataFolder, Error> open(std::filesystem::path data);
  [[nodiscard]] const std::filesystem::path& path() const { return data_; }
  [[nodiscard]] std::filesystem::path run() const { return data_ / "run"; }
  // The administrator's token: read, or generated once (one line, 0600).
  [[nodiscard]] Result<Secret, Error> admin_token() const;

 private:
  std::filesystem::path data_;
  UniqueFd lock_;
};

// Replaces `path` by a file of these bytes, whole or not at all.
[[nodiscard]] Result<void, Error> write_file(const std::filesystem::path& path, std::string_view bytes, int mode);
[[nodiscard]] Result<std::string, Error> read_file(const std::filesystem::path& path);

}  // namespace footlight::app
