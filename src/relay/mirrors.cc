#include "relay/mirrors.h"

#include <algorithm>

#include "base/log.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// An opening is repeated, so that one that found the ring full or came too early is made good; a feed that nobody
// repeats has lost its mirror.
constexpr Duration kOpenEvery = Duration::seconds(1);
constexpr Duration kOpenHeld = Duration::seconds(5);

}  // namespace

Mirrors::Mirrors(ShardMesh& mesh, size_t shard, Router& router, Counters& counters)
    : mesh_(mesh), shard_(shard), router_(router), counters_(counters), to_wake_(mesh.size(), false) {}

Mirrors::~Mirrors() {
  for (Feed& feed : feeds_) drop_feed(feed);
}

bool Mirrors::is_mirror(const std::string& stream, const Publication* publication) const {
  auto it = mirrors_.find(stream);
  return it != mirrors_.end() && &it->second->publication == publication;
}

std::vector<std::string> Mirrors::register_own() {
  bool changed = false;
  std::erase_if(own_, [&](const auto& entry) {
    Stream* stream = router_.find(entry.first);
    const Own& own = entry.second;
    if (stream && stream->publication() == own.publication && own.publication->owner == own.owner) return false;
    drop_feeds(own.token);
    mesh_.directory.withdraw(entry.first, own.token);
    return changed = true;
  });
  for (auto& [id, stream] : router_.streams()) {
    Publication* publication = stream->publication();
    if (!publication || is_mirror(id, publication) || own_.contains(id)) continue;
    own_[id] = {mesh_.directory.publish(id, shard_, *publication), publication->owner, publication};
    changed = true;
  }
  if (changed) mesh_.ring_all();
  std::vector<std::string> overtaken;
  for (auto& [id, own] : own_) {
    auto present = mesh_.directory.find(id);
    if (present && present->token > own.token) overtaken.push_back(id);
  }
  return overtaken;
}

bool Mirrors::wanted(const Stream& stream, std::span<const std::string> piped) const {
  return stream.watched() || std::ranges::binary_search(piped, stream.id());
}

bool Mirrors::drop_stale(std::span<const std::string> piped, Timestamp now) {
  bool changed = false;
  std::erase_if(mirrors_, [&](const auto& entry) {
    Stream* stream = router_.find(entry.first);
    Mirror& mirror = *entry.second;
    auto present = mesh_.directory.find(entry.first);
    bool stands = stream && stream->publication() == &mirror.publication;
    if (stands && present && present->token == mirror.source->token && wanted(*stream, piped)) return false;
    if (stands) stream->set_publication(nullptr, now);
    mirrors_by_token_.erase(mirror.source->token);
    tell(mirror.source->shard, RingRecord::Kind::kClose, mirror.source->token);
    kLog.info("mirror closed", {{"stream", entry.first}, {"shard", shard_}, {"from", mirror.source->shard}});
    return changed = true;
  });
  return changed;
}

bool Mirrors::make_wanted(std::span<const std::string> piped, Timestamp now) {
  seen_version_ = mesh_.directory.version();
  bool changed = false;
  auto make_if_elsewhere = [&](const std::string& id) {
    Stream* stream = router_.find(id);
    if (stream && stream->publication()) return;
    auto present = mesh_.directory.find(id);
    if (!present || present->shard == shard_) return;
    make(router_.stream(id), std::move(present), now);
    changed = true;
  };
  std::vector<std::string> watched;
  for (auto& [id, stream] : router_.streams())
    if (!stream->publication() && stream->watched()) watched.push_back(id);
  for (const std::string& id : watched) make_if_elsewhere(id);
  for (const std::string& id : piped) make_if_elsewhere(id);
  return changed;
}

void Mirrors::make(Stream& stream, std::shared_ptr<const PublishedStream> source, Timestamp now) {
  auto mirror = std::make_unique<Mirror>();
  mirror->publication.owner = source->owner;
  for (const PublishedStream::Track& track : source->tracks) {
    Publication::Track made{track.kind, {}, track.pipe};
    for (size_t i = 0; i < track.layers.size(); ++i)
      made.layers.push_back({track.rids[i], std::make_unique<Producer>(track.layers[i], counters_)});
    mirror->publication.tracks.push_back(std::move(made));
  }
  kLog.info("mirror opened", {{"stream", stream.id()}, {"shard", shard_}, {"from", source->shard}});
  mirrors_by_token_[source->token] = mirror.get();
  mirror->stream = &stream;
  tell(source->shard, RingRecord::Kind::kOpen, source->token);
  mirror->next_open = now + kOpenEvery;
  mirror->source = std::move(source);
  Publication& publication = mirror->publication;
  mirrors_[stream.id()] = std::move(mirror);
  stream.set_publication(&publication, now);
}

std::vector<state::PipeTrack> Mirrors::tracks_elsewhere(const std::string& stream) const {
  std::vector<state::PipeTrack> tracks;
  if (auto published = mesh_.directory.find(stream))
    for (const PublishedStream::Track& track : published->tracks) tracks.push_back(track.pipe);
  return tracks;
}

void Mirrors::drop_feed(Feed& feed) {
  if (Stream* stream = router_.find(feed.stream)) stream->remove(*feed.feed);
}

void Mirrors::drop_feeds(uint64_t token) {
  std::erase_if(feeds_, [&](Feed& feed) {
    if (feed.feed->token() != token) return false;
    drop_feed(feed);
    return true;
  });
}

Mirrors::Own* Mirrors::own_of(uint64_t token, std::string* stream) {
  for (auto& [id, own] : own_) {
    if (own.token != token) continue;
    Stream* present = router_.find(id);
    if (!present || present->publication() != own.publication) return nullptr;
    *stream = id;
    return &own;
  }
  return nullptr;
}

void Mirrors::tell(size_t shard, RingRecord::Kind kind, uint64_t publication) {
  RingRecord record;
  record.kind = kind;
  record.publication = publication;
  push(shard, record);
}

void Mirrors::wish(const Mirror& mirror, size_t track, size_t layer, Timestamp now) {
  Producer& producer = *mirror.publication.tracks[track].layers[layer].producer;
  if (!producer.take_key_frame_wish(now)) return;
  RingRecord record;
  record.kind = RingRecord::Kind::kKeyFrame;
  record.track = static_cast<uint8_t>(track);
  record.layer = static_cast<uint8_t>(layer);
  record.publication = mirror.source->token;
  record.key_time = producer.key_time();
  push(mirror.source->shard, record);
}

void Mirrors::push(size_t shard, const RingRecord& record) {
  // What does not fit is said again: openings and wishes are repeated, and a feed that nobody renews ends.
  if (!mesh_.ring(shard_, shard).push(record)) ++ring_counters_.full;
  to_wake_[shard] = true;
}

void Mirrors::drain(Timestamp now) {
  for (size_t from = 0; from < mesh_.size(); ++from) {
    if (from == shard_) continue;
    ShardRing& ring = mesh_.ring(from, shard_);
    while (const RingRecord* record = ring.front()) {
      on_record(*record, from, now);
      ring.pop();
    }
  }
}

void Mirrors::on_record(const RingRecord& record, size_t from, Timestamp now) {
  switch (record.kind) {
    case RingRecord::Kind::kPacket:
      return on_packet(record, now);
    case RingRecord::Kind::kClock: {
      Stream* stream = nullptr;
      if (Producer* producer = mirrored(record, &stream)) producer->on_mirrored_clock(record.clock);
      return;
    }
    case RingRecord::Kind::kOpen:
      return on_open(record.publication, from, now);
    case RingRecord::Kind::kClose:
      return on_close(record.publication, from);
    case RingRecord::Kind::kKeyFrame:
      return on_key_frame(record, from, now);
  }
}

Producer* Mirrors::mirrored(const RingRecord& record, Stream** stream) {
  auto it = mirrors_by_token_.find(record.publication);
  if (it == mirrors_by_token_.end()) return nullptr;  // closed while this was on its way
  *stream = it->second->stream;
  const Publication& publication = it->second->publication;
  if (record.track >= publication.tracks.size()) return nullptr;
  const auto& layers = publication.tracks[record.track].layers;
  return record.layer < layers.size() ? layers[record.layer].producer.get() : nullptr;
}

void Mirrors::on_packet(const RingRecord& record, Timestamp now) {
  Stream* stream = nullptr;
  Producer* producer = mirrored(record, &stream);
  if (!producer) return;
  if (producer->ssrc() != record.ssrc) {
    stream->forward(now);
    producer->latch(record.ssrc);
  }
  if (producer->on_mirrored(record.packet, now)) router_.mark(*stream);
}

void Mirrors::on_open(uint64_t token, size_t from, Timestamp now) {
  auto known = std::ranges::find_if(feeds_, [&](const Feed& f) { return f.shard == from && f.feed->token() == token; });
  if (known != feeds_.end()) {
    known->feed->wanted_at = now;
    return;
  }
  std::string id;
  Own* own = own_of(token, &id);
  if (!own) return;
  auto feed = std::make_unique<MirrorFeed>(token, *own->publication, mesh_.ring(shard_, from), ring_counters_, now);
  feed->wanted_at = now;
  router_.stream(id).add(*feed);
  feeds_.push_back({from, id, std::move(feed)});
}

void Mirrors::on_close(uint64_t token, size_t from) {
  std::erase_if(feeds_, [&](Feed& feed) {
    if (feed.shard != from || feed.feed->token() != token) return false;
    drop_feed(feed);
    return true;
  });
}

void Mirrors::on_key_frame(const RingRecord& record, size_t from, Timestamp now) {
  std::string id;
  Own* own = own_of(record.publication, &id);
  if (!own || record.track >= own->publication->tracks.size()) return;
  const bool crossed = std::ranges::any_of(feeds_, [&](const Feed& f) {
    return f.shard == from && f.feed->token() == record.publication &&
           f.feed->crosses(record.track, record.layer, record.key_time, now);
  });
  if (crossed) return;
  auto& layers = own->publication->tracks[record.track].layers;
  if (record.layer < layers.size()) layers[record.layer].producer->request_key_frame(now);
}

void Mirrors::tick(Timestamp now) {
  std::erase_if(feeds_, [&](Feed& feed) {
    if (now - feed.feed->wanted_at < kOpenHeld) return false;
    drop_feed(feed);
    return true;
  });
  for (Feed& feed : feeds_) feed.feed->tick(now);
  for (auto& [id, mirror] : mirrors_) {
    if (now >= mirror->next_open) {
      mirror->next_open = now + kOpenEvery;
      tell(mirror->source->shard, RingRecord::Kind::kOpen, mirror->source->token);
    }
    auto& tracks = mirror->publication.tracks;
    for (size_t t = 0; t < tracks.size(); ++t)
      for (size_t l = 0; l < tracks[t].layers.size(); ++l) wish(*mirror, t, l, now);
  }
}

void Mirrors::ring() {
  for (Feed& feed : feeds_)
    if (feed.feed->take_pushed()) to_wake_[feed.shard] = true;
  for (size_t shard = 0; shard < to_wake_.size(); ++shard) {
    if (!to_wake_[shard]) continue;
    to_wake_[shard] = false;
    mesh_.bell(shard).ring();
  }
}

}  // namespace footlight::relay
