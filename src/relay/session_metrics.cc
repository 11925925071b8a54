#include "relay/session_metrics.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <map>
#include <string_view>

namespace footlight::relay {
namespace {

// Values of sessions that are there now, not of events: the buckets are gauges.
template <size_t N>
class Spread {
 public:
  explicit Spread(const std::array<double, N>& bounds) : bounds_(bounds) {}
  void add(double value) {
    for (size_t i = 0; i < N; ++i)
      if (value <= bounds_[i]) ++below_[i];
    ++count_;
    sum_ += value;
  }
  void write(std::string& out, std::string_view name, std::string_view kind) const {
    auto line = std::back_inserter(out);
    for (size_t i = 0; i < N; ++i)
      fmt::format_to(line, "footlight_relay_{}_bucket{{kind=\"{}\",le=\"{}\"}} {}\n", name, kind, bounds_[i],
                     below_[i]);
    fmt::format_to(line, "footlight_relay_{}_bucket{{kind=\"{}\",le=\"+Inf\"}} {}\n", name, kind, count_);
    fmt::format_to(line, "footlight_relay_{}_sum{{kind=\"{}\"}} {}\n", name, kind, sum_);
    fmt::format_to(line, "footlight_relay_{}_count{{kind=\"{}\"}} {}\n", name, kind, count_);
  }

 private:
  const std::array<double, N>& bounds_;
  std::array<int64_t, N> below_{};
  int64_t count_ = 0;
  double sum_ = 0;
};

// Loss: what no one sees, what repair hides, what hurts. Times: one frame, a city, a continent, an ocean, a satellite.
constexpr std::array kLossBounds = {0.0, 0.01, 0.02, 0.05, 0.1, 0.2};
constexpr std::array kRoundTripBounds = {0.005, 0.02, 0.05, 0.1, 0.2, 0.5};
constexpr std::array kJitterBounds = {0.002, 0.005, 0.01, 0.03, 0.1};
// From a voice alone to full HD.
constexpr std::array kRateBounds = {1e5, 3e5, 6e5, 1.2e6, 2.5e6, 5e6, 1e7};
// Of pictures: a temporal layer left out halves the usual rates; heights are those of common layers.
constexpr std::array kFpsBounds = {5.0, 10.0, 15.0, 25.0, 30.0, 60.0};
constexpr std::array kHeightBounds = {180.0, 270.0, 360.0, 540.0, 720.0, 1080.0};
// From a packet that is a frame late to what everybody calls gone.
constexpr std::array kSilenceBounds = {0.1, 0.5, 1.0, 2.0, 5.0, 30.0};

struct Spreads {
  Spread<kLossBounds.size()> loss{kLossBounds};
  Spread<kRoundTripBounds.size()> round_trip{kRoundTripBounds};
  Spread<kJitterBounds.size()> jitter{kJitterBounds};
  Spread<kRateBounds.size()> rate{kRateBounds};
  Spread<kRateBounds.size()> estimate{kRateBounds};
  Spread<kFpsBounds.size()> fps{kFpsBounds};
  Spread<kHeightBounds.size()> height{kHeightBounds};
  Spread<kSilenceBounds.size()> silence{kSilenceBounds};

  void add(const state::SessionObserved& session) {
    loss.add(session.loss_ratio);
    if (session.rtt_ms > 0) round_trip.add(session.rtt_ms / 1000);
    jitter.add(session.jitter_ms / 1000);
    rate.add(static_cast<double>(session.bitrate_bps));
    if (session.estimate_bps > 0) estimate.add(static_cast<double>(session.estimate_bps));
    for (const state::TrackObserved& track : session.media) add(track);
  }
  void add(const state::TrackObserved& track) {
    if (track.since_media_ms >= 0) silence.add(static_cast<double>(track.since_media_ms) / 1000);
    if (track.kind != "video") return;
    fps.add(track.fps);
    if (track.height > 0) height.add(track.height);
  }
};

void head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  fmt::format_to(std::back_inserter(out), "# HELP footlight_relay_{0} {1}\n# TYPE footlight_relay_{0} {2}\n", name,
                 help, type);
}

template <class Get>
void write_spread(std::string& out, std::string_view name, std::string_view help,
                  const std::map<std::string_view, Spreads>& kinds, Get get) {
  head(out, name, help, "histogram");
  for (const auto& [kind, spreads] : kinds) get(spreads).write(out, name, kind);
}

void write_counts(std::string& out, const std::map<std::string, int64_t>& counts, std::string_view name) {
  for (const auto& [labels, count] : counts)
    fmt::format_to(std::back_inserter(out), "footlight_relay_{}{{{}}} {}\n", name, labels, count);
}

}  // namespace

std::string session_metrics(std::span<const state::SessionObserved> sessions) {
  std::map<std::string, int64_t> by_state, by_codec, reordered;
  std::map<std::string_view, Spreads> kinds;
  for (const state::SessionObserved& session : sessions) {
    if (session.state == "ended") continue;
    ++by_state[fmt::format("kind=\"{}\",state=\"{}\",transport=\"{}\"", session.kind, session.state,
                           session.transport)];
    for (const state::TrackObserved& track : session.media) {
      reordered[fmt::format("kind=\"{}\"", session.kind)] += track.b_frames ? 1 : 0;
      ++by_codec[fmt::format("kind=\"{}\",media=\"{}\",codec=\"{}\",state=\"{}\"", session.kind, track.kind,
                             track.codec, track.state)];
    }
    if (session.state != "new") kinds[session.kind].add(session);
  }
  std::string out;
  head(out, "sessions", "Publishers and receivers, by state and transport.", "gauge");
  write_counts(out, by_state, "sessions");
  head(out, "tracks", "Layers received and tracks sent, by codec and state.", "gauge");
  write_counts(out, by_codec, "tracks");
  head(out, "tracks_with_b_frames", "Tracks whose pictures are shown in another order than sent.", "gauge");
  write_counts(out, reordered, "tracks_with_b_frames");
  write_spread(out, "session_loss_ratio", "Loss of the last report interval, over present sessions.", kinds,
               [](const Spreads& s) { return s.loss; });
  write_spread(out, "session_round_trip_seconds", "Round trip, over present sessions.", kinds,
               [](const Spreads& s) { return s.round_trip; });
  write_spread(out, "session_jitter_seconds", "Interarrival jitter, over present sessions.", kinds,
               [](const Spreads& s) { return s.jitter; });
  write_spread(out, "session_bits_per_second", "Media rate, over present sessions.", kinds,
               [](const Spreads& s) { return s.rate; });
  write_spread(out, "session_estimate_bits_per_second", "Estimated capacity of the way to receivers.", kinds,
               [](const Spreads& s) { return s.estimate; });
  write_spread(out, "track_frames_per_second", "Pictures a second, over layers received and tracks sent.", kinds,
               [](const Spreads& s) { return s.fps; });
  write_spread(out, "track_picture_height_pixels", "Height of the last key frame: which layers are sent and received.",
               kinds, [](const Spreads& s) { return s.height; });
  write_spread(out, "track_since_media_seconds", "Time since the last packet, over layers and tracks.", kinds,
               [](const Spreads& s) { return s.silence; });
  return out;
}

}  // namespace footlight::relay
