#include "state/observed.h"

#include "state/desired.h"
#include "state/json_fields.h"

namespace footlight::state {

void to_json(nlohmann::json& j, const Observed& v) {
  j = {{"schema", kSchema},
       {"incarnation", v.incarnation},
       {"applied_generation", v.applied_generation},
       {"metrics", v.metrics}};
}
void from_json(const nlohmann::json& j, Observed& v) {
  read(j, "incarnation", v.incarnation);
  read(j, "applied_generation", v.applied_generation);
  read(j, "metrics", v.metrics);
}
// Field by field: a relay of hundreds of viewers says this of each, each second, and a list of pairs is built twice.
void to_json(nlohmann::json& j, const TrackObserved& v) {
  j = nlohmann::json::object();
  j["kind"] = v.kind;
  j["codec"] = v.codec;
  j["layer"] = v.layer;
  j["state"] = v.state;
  j["bitrate_bps"] = v.bitrate_bps;
  j["packets"] = v.packets;
  j["lost"] = v.lost;
  j["loss_ratio"] = v.loss_ratio;
  j["nacked"] = v.nacked;
  j["resent"] = v.resent;
  j["key_frame_requests"] = v.key_frame_requests;
  j["jitter_ms"] = v.jitter_ms;
  j["rtt_ms"] = v.rtt_ms;
  j["fps"] = v.fps;
  j["width"] = v.width;
  j["height"] = v.height;
  j["b_frames"] = v.b_frames;
  j["since_media_ms"] = v.since_media_ms;
}
void from_json(const nlohmann::json& j, TrackObserved& v) {
  read(j, "kind", v.kind);
  read(j, "codec", v.codec);
  read(j, "layer", v.layer);
  read(j, "state", v.state);
  read(j, "bitrate_bps", v.bitrate_bps);
  read(j, "packets", v.packets);
  read(j, "lost", v.lost);
  read(j, "loss_ratio", v.loss_ratio);
  read(j, "nacked", v.nacked);
  read(j, "resent", v.resent);
  read(j, "key_frame_requests", v.key_frame_requests);
  read(j, "jitter_ms", v.jitter_ms);
  read(j, "rtt_ms", v.rtt_ms);
  read(j, "fps", v.fps);
  read(j, "width", v.width);
  read(j, "height", v.height);
  read(j, "b_frames", v.b_frames);
  read(j, "since_media_ms", v.since_media_ms);
}
void to_json(nlohmann::json& j, const SessionObserved& v) {
  j = nlohmann::json::object();
  j["id"] = v.id;
  j["kind"] = v.kind;
  j["stream"] = v.stream;
  j["state"] = v.state;
  j["end_reason"] = v.end_reason;
  j["transport"] = v.transport;
  j["bitrate_bps"] = v.bitrate_bps;
  j["loss_ratio"] = v.loss_ratio;
  j["jitter_ms"] = v.jitter_ms;
  j["rtt_ms"] = v.rtt_ms;
  j["fps"] = v.fps;
  j["estimate_bps"] = v.estimate_bps;
  j["media"] = v.media;
  j["tracks"] = v.tracks;
}
void from_json(const nlohmann::json& j, SessionObserved& v) {
  read(j, "id", v.id);
  read(j, "kind", v.kind);
  read(j, "stream", v.stream);
  read(j, "state", v.state);
  read(j, "end_reason", v.end_reason);
  read(j, "transport", v.transport);
  read(j, "bitrate_bps", v.bitrate_bps);
  read(j, "loss_ratio", v.loss_ratio);
  read(j, "jitter_ms", v.jitter_ms);
  read(j, "rtt_ms", v.rtt_ms);
  read(j, "fps", v.fps);
  read(j, "estimate_bps", v.estimate_bps);
  read(j, "media", v.media);
  read(j, "tracks", v.tracks);
}
void to_json(nlohmann::json& j, const LinkStreamObserved& v) {
  j = {{"stream", v.stream}, {"direction", v.direction}, {"media", v.media}};
}
void from_json(const nlohmann::json& j, LinkStreamObserved& v) {
  read(j, "stream", v.stream);
  read(j, "direction", v.direction);
  read(j, "media", v.media);
}
void to_json(nlohmann::json& j, const LinkObserved& v) {
  j = {{"id", v.id}, {"state", v.state}, {"remote", v.remote}, {"streams", v.streams}};
}
void from_json(const nlohmann::json& j, LinkObserved& v) {
  read(j, "id", v.id);
  read(j, "state", v.state);
  read(j, "remote", v.remote);
  read(j, "streams", v.streams);
}
void to_json(nlohmann::json& j, const RelayObserved& v) {
  to_json(j, static_cast<const Observed&>(v));
  j["pipe_address"] = v.pipe_address;
  j["sessions"] = v.sessions;
  j["links"] = v.links;
  j["pipes"] = v.pipes;
}
void from_json(const nlohmann::json& j, RelayObserved& v) {
  from_json(j, static_cast<Observed&>(v));
  read(j, "pipe_address", v.pipe_address);
  read(j, "sessions", v.sessions);
  read(j, "links", v.links);
  read(j, "pipes", v.pipes);
}
void to_json(nlohmann::json& j, const InputObserved& v) {
  j = {{"id", v.id},
       {"state", v.state},
       {"fps", v.fps},
       {"jitter_buffer_ms", v.jitter_buffer_ms},
       {"decode_ms", v.decode_ms}};
}
void from_json(const nlohmann::json& j, InputObserved& v) {
  read(j, "id", v.id);
  read(j, "state", v.state);
  read(j, "fps", v.fps);
  read(j, "jitter_buffer_ms", v.jitter_buffer_ms);
  read(j, "decode_ms", v.decode_ms);
}
void to_json(nlohmann::json& j, const ComposeObserved& v) {
  to_json(j, static_cast<const Observed&>(v));
  j["epoch"] = v.epoch;
  j["inputs"] = v.inputs;
  j["mix_ms"] = v.mix_ms;
  j["encode_ms"] = v.encode_ms;
  j["package_ms"] = v.package_ms;
  j["dropped_segments"] = v.dropped_segments;
}
void from_json(const nlohmann::json& j, ComposeObserved& v) {
  from_json(j, static_cast<Observed&>(v));
  read(j, "epoch", v.epoch);
  read(j, "inputs", v.inputs);
  read(j, "mix_ms", v.mix_ms);
  read(j, "encode_ms", v.encode_ms);
  read(j, "package_ms", v.package_ms);
  read(j, "dropped_segments", v.dropped_segments);
}
void to_json(nlohmann::json& j, const OriginStreamObserved& v) {
  j = {{"id", v.id},
       {"has_media", v.has_media},
       {"complete", v.complete},
       {"next_msn", v.next_msn},
       {"peak_bps", v.peak_bps}};
}
void from_json(const nlohmann::json& j, OriginStreamObserved& v) {
  read(j, "id", v.id);
  read(j, "has_media", v.has_media);
  read(j, "complete", v.complete);
  read(j, "next_msn", v.next_msn);
  read(j, "peak_bps", v.peak_bps);
}
void to_json(nlohmann::json& j, const OriginObserved& v) {
  to_json(j, static_cast<const Observed&>(v));
  j["streams"] = v.streams;
}
void from_json(const nlohmann::json& j, OriginObserved& v) {
  from_json(j, static_cast<Observed&>(v));
  read(j, "streams", v.streams);
}

std::string to_json(const Observed& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<Observed, Error> parse_observed(std::string_view text) { return parse<Observed>(text); }
std::string to_json(const RelayObserved& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<RelayObserved, Error> parse_relay_observed(std::string_view text) { return parse<RelayObserved>(text); }
std::string to_json(const ComposeObserved& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<ComposeObserved, Error> parse_compose_observed(std::string_view text) { return parse<ComposeObserved>(text); }
std::string to_json(const OriginObserved& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<OriginObserved, Error> parse_origin_observed(std::string_view text) { return parse<OriginObserved>(text); }

}  // namespace footlight::state
