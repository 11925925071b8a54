#pragma once
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "hls/file_reader.h"

namespace footlight::hls {

// Files read back from the spool, the last used ones kept up to a number of bytes, so that a hundred viewers of one
// old minute cost one read. Files never change once they are announced. Owned by the origin; loop thread.
class FileCache {
 public:
  FileCache(FileReader& files, size_t max_bytes) : files_(files), max_bytes_(max_bytes) {}
  // `done` runs now when the bytes are here, else later; null when the file cannot be read.
  void get(const std::filesystem::path& path, uint64_t offset, uint64_t size, FileReader::Done done);
  [[nodiscard]] uint64_t reads() const { return reads_; }

 private:
  struct Entry {
    std::string key;
    Bytes bytes;
  };
  void arrived(const std::string& key, const Bytes& bytes);

  FileReader& files_;
  size_t max_bytes_;
  size_t bytes_ = 0;
  uint64_t reads_ = 0;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> index_;
  std::unordered_map<std::string, std::vector<FileReader::Done>> waiting_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // a read may come back after us
};

}  // namespace footlight::hls
