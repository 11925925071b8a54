#pragma once
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "relay/mirror_feed.h"
#include "relay/router.h"
#include "relay/shard_mesh.h"

namespace footlight::relay {

// One shard's share in what crosses shards: it registers the publications of its own streams, mirrors those of others
// that somebody here watches, and feeds its own to shards that ask. Owned by the shard core, on its thread. A mirror is
// a publication like any other, with producers, buffers and join caches of its own; it lives while it is watched.
class Mirrors {
 public:
  // `mesh` outlives it.
  Mirrors(ShardMesh& mesh, size_t shard, Router& router, Counters& counters);
  ~Mirrors();

  // The three steps after any change of publications, viewers or pipes, here or elsewhere.
  // First: tells the directory of own publications. Streams that another shard publishes by now: the caller ends ours.
  [[nodiscard]] std::vector<std::string> register_own();
  // Second and third: what is no longer right goes, what is missing comes. `piped`: streams that pipes want, sorted.
  // True when a stream's publication has changed.
  [[nodiscard]] bool drop_stale(std::span<const std::string> piped, Timestamp now);
  [[nodiscard]] bool make_wanted(std::span<const std::string> piped, Timestamp now);
  // The directory has changed since the last sync.
  [[nodiscard]] bool due() const { return seen_version_ != mesh_.directory.version(); }

  [[nodiscard]] bool is_mirror(const std::string& stream, const Publication* publication) const;
  // Tracks of a stream that another shard publishes; empty: none does.
  [[nodiscard]] std::vector<state::PipeTrack> tracks_elsewhere(const std::string& stream) const;

  // What other shards have pushed.
  void drain(Timestamp now);
  // Every 10 ms: feeds go on, key-frame wishes and renewed openings cross.
  void tick(Timestamp now);
  // The end of a turn: wakes the shards that were told something.
  void ring();

  [[nodiscard]] const RingCounters& ring_counters() const { return ring_counters_; }
  [[nodiscard]] size_t mirrors() const { return mirrors_.size(); }
  [[nodiscard]] size_t feeds() const { return feeds_.size(); }

 private:
  struct Own {
    uint64_t token = 0;
    std::string owner;
    Publication* publication = nullptr;
  };
  struct Mirror {
    std::shared_ptr<const PublishedStream> source;
    Stream* stream = nullptr;  // which points to the publication
    Publication publication;
    Timestamp next_open{};
  };
  struct Feed {
    size_t shard = 0;
    std::string stream;
    std::unique_ptr<MirrorFeed> feed;
  };

  [[nodiscard]] bool wanted(const Stream& stream, std::span<const std::string> piped) const;
  void make(Stream& stream, std::shared_ptr<const PublishedStream> source, Timestamp now);
  void drop_feeds(uint64_t token);
  void drop_feed(Feed& feed);
  [[nodiscard]] Own* own_of(uint64_t token, std::string* stream);

  void tell(size_t shard, RingRecord::Kind kind, uint64_t publication);
  void wish(const Mirror& mirror, size_t track, size_t layer, Timestamp now);
  void push(size_t shard, const RingRecord& record);
  void on_record(const RingRecord& record, size_t from, Timestamp now);
  void on_packet(const RingRecord& record, Timestamp now);
  void on_open(uint64_t token, size_t from, Timestamp now);
  void on_close(uint64_t token, size_t from);
  void on_key_frame(const RingRecord& record, size_t from, Timestamp now);
  [[nodiscard]] Producer* mirrored(const RingRecord& record, Stream** stream);

  ShardMesh& mesh_;
  size_t shard_;
  Router& router_;
  Counters& counters_;  // of the mirrors' producers
  RingCounters ring_counters_;
  uint64_t seen_version_ = 0;
  std::unordered_map<std::string, Own> own_;
  std::unordered_map<std::string, std::unique_ptr<Mirror>> mirrors_;
  std::unordered_map<uint64_t, Mirror*> mirrors_by_token_;
  std::vector<Feed> feeds_;
  std::vector<bool> to_wake_;
};

}  // namespace footlight::relay
