#pragma once
// For tests: what is logged while it lives, instead of on stderr.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/unique_fd.h"

namespace footlight {

class CapturedLog {
 public:
  CapturedLog() : stderr_(::dup(STDERR_FILENO)), file_(::memfd_create("log", MFD_CLOEXEC)) {
    ::dup2(file_.get(), STDERR_FILENO);
  }
  ~CapturedLog() { ::dup2(stderr_.get(), STDERR_FILENO); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  [[nodiscard]] std::string text() const {
    std::string all;
    std::array<char, 4096> piece{};
    for (ssize_t size = 0;
         (size = ::pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(all.size()))) > 0;)
      all.append(piece.data(), static_cast<size_t>(size));
    return all;
  }

 private:
  UniqueFd stderr_;
  UniqueFd file_;
};

}  // namespace footlight
