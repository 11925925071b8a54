#include "relay/router.h"

#include <algorithm>

namespace footlight::relay {

Stream& Router::stream(const std::string& id) {
  auto& slot = streams_[id];
  if (!slot) slot = std::make_unique<Stream>(id);
  return *slot;
}

Stream* Router::find(const std::string& id) {
  auto it = streams_.find(id);
  return it == streams_.end() ? nullptr : it->second.get();
}

void Router::declare(const std::vector<state::RelayStream>& streams) {
  for (auto& [id, known] : streams_)
    if (std::ranges::find(streams, id, &state::RelayStream::id) == streams.end()) known->declare({});
  for (const auto& s : streams) stream(s.id).declare(s.tracks);
  sweep();
}

void Router::sweep() {
  std::erase_if(streams_, [](const auto& entry) { return entry.second->unused() && !entry.second->pending_; });
}

void Router::mark(Stream& stream) {
  if (stream.pending_) return;
  stream.pending_ = true;
  pending_.push_back(&stream);
}

void Router::forward(Timestamp now) {
  for (Stream* stream : pending_) {
    stream->pending_ = false;
    stream->forward(now);
  }
  pending_.clear();
}

void Router::tick(Timestamp now) {
  for (auto& [id, stream] : streams_) stream->tick(now);
}

}  // namespace footlight::relay
