#include "hls/file_cache.h"

#include <fmt/format.h>

namespace footlight::hls {

void FileCache::get(const std::filesystem::path& path, uint64_t offset, uint64_t size, FileReader::Done done) {
  std::string key = fmt::format("{}@{}+{}", path.native(), offset, size);
  if (auto found = index_.find(key); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    done(found->second->bytes);
    return;
  }
  std::vector<FileReader::Done>& waiting = waiting_[key];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  ++reads_;
  files_.read(path, offset, size, [this, key, alive = std::weak_ptr(alive_)](const Bytes& bytes) {
    if (!alive.expired()) arrived(key, bytes);
  });
}

void FileCache::arrived(const std::string& key, const Bytes& bytes) {
  auto node = waiting_.extract(key);
  if (bytes && bytes->size() <= max_bytes_) {
    entries_.push_front({key, bytes});
    index_[key] = entries_.begin();
    bytes_ += bytes->size();
    while (bytes_ > max_bytes_) {
      bytes_ -= entries_.back().bytes->size();
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }
  if (node.empty()) return;
  for (FileReader::Done& done : node.mapped()) done(bytes);
}

}  // namespace footlight::hls
