#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "relay/publication.h"

namespace footlight::relay {

// A publication as other shards need to know it to mirror it. Never changes: a new publication is a new one of these.
struct PublishedStream {
  struct Track {
    media::Kind kind{};
    std::vector<ProducerParameters> layers;
    std::vector<std::string> rids;  // one a layer
    state::PipeTrack pipe;
  };
  uint64_t token = 0;  // of this publication only, for ever
  size_t shard = 0;
  std::string owner;
  std::vector<Track> tracks;
};

// Which shard publishes what, and which session lives where. Owned by the mesh; any thread, under one lock: for calls
// and changes, never for packets. The last to publish a stream has it: the one before finds another token there.
class StreamDirectory {
 public:
  explicit StreamDirectory(size_t shards) : sessions_on_(shards) {}

  // The publication's token.
  uint64_t publish(const std::string& stream, size_t shard, const Publication& publication);
  void withdraw(const std::string& stream, uint64_t token);  // nothing when another has it
  // Shared, because it is read by threads that do not wait for each other.
  [[nodiscard]] std::shared_ptr<const PublishedStream> find(const std::string& stream) const;
  // Grows with each change of what is published.
  [[nodiscard]] uint64_t version() const { return version_.load(std::memory_order_acquire); }

  // The shard of session `id`: where it is, or, of a new one, the shard that has fewest.
  [[nodiscard]] size_t place(const std::string& id);
  void place_on(const std::string& id, size_t shard);  // a session that its shard has made by itself
  [[nodiscard]] std::optional<size_t> shard_of(const std::string& id) const;
  void forget(const std::string& id);  // gone, or never made

 private:
  mutable std::mutex lock_;
  std::map<std::string, std::shared_ptr<const PublishedStream>, std::less<>> streams_;
  std::unordered_map<std::string, size_t> sessions_;
  std::vector<size_t> sessions_on_;
  uint64_t last_token_ = 0;
  std::atomic<uint64_t> version_ = 1;
};

}  // namespace footlight::relay
