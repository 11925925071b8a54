#include "relay/stream_directory.h"

#include <algorithm>

namespace footlight::relay {

uint64_t StreamDirectory::publish(const std::string& stream, size_t shard, const Publication& publication) {
  auto published = std::make_shared<PublishedStream>();
  published->shard = shard;
  published->owner = publication.owner;
  for (const Publication::Track& track : publication.tracks) {
    PublishedStream::Track described{track.kind, {}, {}, track.pipe};
    for (const Publication::Layer& layer : track.layers) {
      described.layers.push_back(layer.producer->parameters());
      described.rids.push_back(layer.rid);
    }
    published->tracks.push_back(std::move(described));
  }
  std::lock_guard guard(lock_);
  published->token = ++last_token_;
  uint64_t token = published->token;
  streams_[stream] = std::move(published);
  version_.fetch_add(1, std::memory_order_release);
  return token;
}

void StreamDirectory::withdraw(const std::string& stream, uint64_t token) {
  std::lock_guard guard(lock_);
  auto it = streams_.find(stream);
  if (it == streams_.end() || it->second->token != token) return;
  streams_.erase(it);
  version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const PublishedStream> StreamDirectory::find(const std::string& stream) const {
  std::lock_guard guard(lock_);
  auto it = streams_.find(stream);
  return it == streams_.end() ? nullptr : it->second;
}

size_t StreamDirectory::place(const std::string& id) {
  std::lock_guard guard(lock_);
  if (auto it = sessions_.find(id); it != sessions_.end()) return it->second;
  auto shard = static_cast<size_t>(std::ranges::min_element(sessions_on_) - sessions_on_.begin());
  sessions_[id] = shard;
  ++sessions_on_[shard];
  return shard;
}

void StreamDirectory::place_on(const std::string& id, size_t shard) {
  std::lock_guard guard(lock_);
  if (sessions_.emplace(id, shard).second) ++sessions_on_[shard];
}

std::optional<size_t> StreamDirectory::shard_of(const std::string& id) const {
  std::lock_guard guard(lock_);
  auto it = sessions_.find(id);
  return it == sessions_.end() ? std::nullopt : std::optional(it->second);
}

void StreamDirectory::forget(const std::string& id) {
  std::lock_guard guard(lock_);
  auto it = sessions_.find(id);
  if (it == sessions_.end()) return;
  --sessions_on_[it->second];
  sessions_.erase(it);
}

}  // namespace footlight::relay
