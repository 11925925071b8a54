#include "control/stats_json.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace footlight::control {
namespace {

using Json = nlohmann::ordered_json;
using SessionsById = std::map<std::string, const state::SessionObserved*>;

// Figures for people: no more digits than were measured.
double rounded(double value, double step) { return std::round(value / step) * step; }
Json milliseconds(double value) { return rounded(value, 0.1); }
Json known_milliseconds(double value) { return value > 0 ? milliseconds(value) : Json(nullptr); }

Json track_json(const state::TrackObserved& track) {
  Json j = {{"kind", track.kind},
            {"codec", track.codec},
            {"layer", track.layer},
            {"state", track.state},
            {"bitrate_bps", track.bitrate_bps},
            {"packets", track.packets},
            {"lost", track.lost},
            {"loss_ratio", rounded(track.loss_ratio, 0.0001)},
            {"nacked", track.nacked},
            {"resent", track.resent},
            {"key_frame_requests", track.key_frame_requests},
            {"jitter_ms", milliseconds(track.jitter_ms)},
            {"rtt_ms", known_milliseconds(track.rtt_ms)},
            {"since_media_ms", track.since_media_ms < 0 ? Json(nullptr) : Json(track.since_media_ms)}};
  if (track.kind != "video") return j;
  j["fps"] = rounded(track.fps, 0.1);
  j["width"] = track.width > 0 ? Json(track.width) : Json(nullptr);
  j["height"] = track.height > 0 ? Json(track.height) : Json(nullptr);
  j["b_frames"] = track.b_frames;
  return j;
}

Json source_stats(const Source& source, const SessionsById& observed, const state::ComposeObserved& compose) {
  static const state::SessionObserved kNone;
  const auto it = observed.find(source.session);
  const state::SessionObserved& session = it == observed.end() ? kNone : *it->second;
  const auto input = std::ranges::find(compose.inputs, source.id, &state::InputObserved::id);
  const bool has_input = input != compose.inputs.end();
  Json media = Json::array();
  for (const auto& track : session.media) media.push_back(track_json(track));
  return {{"id", source.id},
          {"state", name_of(source.state)},
          {"transport", session.transport},
          {"bitrate_bps", session.bitrate_bps},
          {"loss_ratio", rounded(session.loss_ratio, 0.0001)},
          {"jitter_ms", milliseconds(session.jitter_ms)},
          {"rtt_ms", known_milliseconds(session.rtt_ms)},
          {"fps", rounded(session.fps, 0.1)},
          {"latency_ms",
           {{"relay", nullptr},
            {"jitter_buffer", has_input ? known_milliseconds(input->jitter_buffer_ms) : Json(nullptr)},
            {"decode", has_input ? known_milliseconds(input->decode_ms) : Json(nullptr)},
            {"mix", known_milliseconds(compose.mix_ms)},
            {"encode", known_milliseconds(compose.encode_ms)},
            {"package", known_milliseconds(compose.package_ms)}}},
          {"media", std::move(media)}};
}

}  // namespace

nlohmann::ordered_json stats_json(const Event& event, const EventWords& words) {
  SessionsById observed;
  for (const auto& session : words.relay.sessions)
    if (session.state != "ended") observed.emplace(session.id, &session);

  Json sources = Json::array();
  for (const Source& source : words.sources) sources.push_back(source_stats(source, observed, words.compose));

  std::map<std::string, int64_t> transports;
  int64_t viewers = 0;
  Json receivers = Json::array();
  for (const Session& session : words.sessions) {
    const auto it = observed.find(session.id);
    if (it == observed.end() || it->second->state == "new") continue;
    ++transports[it->second->transport];
    if (session.publish) continue;
    ++viewers;
    if (receivers.size() >= 100) continue;  // a page of them; the rest is in the metrics' histograms
    Json media = Json::array();
    for (const auto& track : it->second->media) media.push_back(track_json(track));
    receivers.push_back(
        {{"transport", it->second->transport},
         {"bitrate_bps", it->second->bitrate_bps},
         {"estimate_bps", it->second->estimate_bps > 0 ? Json(it->second->estimate_bps) : Json(nullptr)},
         {"rtt_ms", known_milliseconds(it->second->rtt_ms)},
         {"media", std::move(media)}});
  }
  return {{"sources", std::move(sources)},
          {"renditions",
           Json::array({{{"name", event.rung.name},
                         {"width", event.rung.width},
                         {"height", event.rung.height},
                         {"peak_bps", words.origin.peak_bps > 0 ? Json(words.origin.peak_bps) : Json(nullptr)}}})},
          {"viewers", {{"hls", nullptr}, {"whep", viewers}}},
          {"transports", {{"udp", transports["udp"]}, {"tcp", transports["tcp"]}, {"turn", transports["turn"]}}},
          {"receivers", std::move(receivers)}};
}

}  // namespace footlight::control
