#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "hls/file_cache.h"
#include "hls/holds.h"
#include "hls/ingest.h"
#include "hls/media_playlist.h"
#include "hls/metrics.h"
#include "hls/rendition_log.h"
#include "http/server.h"
#include "state/desired.h"
#include "state/hls_grid.h"
#include "state/observed.h"

namespace footlight::hls {

// What all streams of an origin share; outlives them.
struct StreamContext {
  Clock& clock;
  std::filesystem::path spool;
  FileReader& files;
  FileCache& cache;
  HoldBudget& budget;
  Metrics& metrics;
  uint64_t& edges;
};

// "1f/demo": two hexadecimal digits of the id's hash, to spread the names in storage, and the id.
[[nodiscard]] std::string stream_folder(std::string_view id);

// One event at the origin: its desired state, its rendition's log, and the requests that wait for it. Owned by the
// Origin; loop thread. In: desired state, ingest, viewers' requests already authorised. Out: answers.
class Stream {
 public:
  Stream(std::string id, StreamContext context);

  void apply(const state::OriginStream& desired);
  [[nodiscard]] const state::OriginStream& desired() const { return desired_; }
  [[nodiscard]] state::OriginStreamObserved observed() const;
  // What is overdue happens now.
  void tick(Timestamp now);
  [[nodiscard]] std::optional<Timestamp> next_deadline() const;
  // Everyone who waits is answered now.
  void release();
  // Removes all media, keeps the numbering. The stream takes nothing afterwards.
  static void bury(const std::string& id, const StreamContext& context);

  // Viewers (stream_viewers.cc). `cookie`: a Set-Cookie value, or empty.
  void status(const http::Request& request, const http::ExchangePtr& exchange);
  void multivariant(const http::ExchangePtr& exchange, const std::string& cookie);
  void playlist(const http::Request& request, const http::ExchangePtr& exchange, const std::string& cookie);
  void media(http::Request request, const http::ExchangePtr& exchange, std::string_view file);

  // Ingest (stream_ingest.cc).
  [[nodiscard]] http::Response ingest(const IngestTarget& target, http::Request request);

 private:
  struct PlaylistKey {
    std::optional<Position> as_of;
    bool skip = false, gzip = false;
    bool operator==(const PlaylistKey&) const = default;
  };
  struct CachedPlaylist {
    PlaylistKey key;
    Bytes text;
  };

  void settle();
  void open_log();
  void align_timing();
  void finish_if_due(Timestamp now);
  void announce();
  [[nodiscard]] const Timeline& timeline() const { return log_->timeline(); }
  [[nodiscard]] bool is_beginning() const;
  [[nodiscard]] bool playable() const;  // something can be, or will be, watched

  void answer_status(const http::ExchangePtr& exchange, bool changed);
  [[nodiscard]] http::Response multivariant_answer() const;
  void answer_playlist(const http::Request& request, const http::ExchangePtr& exchange, std::optional<Position> as_of,
                       bool with_directives, bool skip, const std::string& cookie);
  [[nodiscard]] Bytes playlist_text(const PlaylistKey& key);
  void segment_file(http::Request request, const http::ExchangePtr& exchange, int64_t msn);
  void part_file(http::Request request, const http::ExchangePtr& exchange, Position at);
  bool answer_part(const http::Request& request, const http::ExchangePtr& exchange, Position at);
  void send_file(http::Request request, const http::ExchangePtr& exchange, const Segment& segment, uint64_t offset,
                 uint64_t size, std::string etag);
  void send_media(const http::Request& request, const http::ExchangePtr& exchange, const Bytes& bytes,
                  std::string_view etag);
  void hold(const http::ExchangePtr& exchange, Holds& holds, Duration limit, Holds::TryAnswer try_answer);

  [[nodiscard]] http::Response position_answer(int status) const;
  [[nodiscard]] http::Response ingest_init(const IngestTarget& target, http::Request request);
  [[nodiscard]] http::Response ingest_part(const IngestTarget& target, http::Request request);
  [[nodiscard]] http::Response ingest_gap(const IngestTarget& target, const http::Request& request);
  [[nodiscard]] http::Response ingest_end(uint64_t epoch);
  [[nodiscard]] std::string check_part(const PartFields& fields, Position at, ByteView body, uint64_t& video_end) const;
  [[nodiscard]] bool is_repeat(const IngestTarget& target) const;
  [[nodiscard]] http::Response disk_answer(DiskError error) const;
  [[nodiscard]] http::Response invalid(int status, std::string_view detail) const;

  std::string id_;
  StreamContext context_;
  state::OriginStream desired_;
  bool applied_ = false;
  state::HlsGrid grid_;
  std::unique_ptr<RenditionLog> log_;
  PlaylistForm form_;
  Holds status_holds_, media_holds_;
  std::vector<CachedPlaylist> playlists_;  // newest last
  std::optional<Timestamp> finish_at_;     // the end was desired
  std::optional<uint64_t> end_epoch_;      // compose said that no more will come
  uint64_t next_video_time_ = 0;           // where the last part's video ended, in its timescale
};

}  // namespace footlight::hls
