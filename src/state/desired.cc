#include "state/desired.h"

#include "state/json_fields.h"

namespace footlight::state {

void to_json(nlohmann::json& j, const NodeProgramme& v) { j = {{"id", v.id}}; }
void from_json(const nlohmann::json& j, NodeProgramme& v) { read(j, "id", v.id); }
void to_json(nlohmann::json& j, const NodeDesired& v) {
  j = {{"schema", kSchema}, {"generation", v.generation}, {"programmes", v.programmes}};
}
void from_json(const nlohmann::json& j, NodeDesired& v) {
  read(j, "generation", v.generation);
  read(j, "programmes", v.programmes);
}
void to_json(nlohmann::json& j, const RelayPipe& v) {
  j = {{"key", v.key},
       {"consume", v.consume},
       {"publish_stream", v.publish_stream},
       {"publish_tracks", v.publish_tracks}};
}
void from_json(const nlohmann::json& j, RelayPipe& v) {
  read(j, "key", v.key);
  read(j, "consume", v.consume);
  read(j, "publish_stream", v.publish_stream);
  read(j, "publish_tracks", v.publish_tracks);
}
void to_json(nlohmann::json& j, const RelayStream& v) { j = {{"id", v.id}, {"tracks", v.tracks}}; }
void from_json(const nlohmann::json& j, RelayStream& v) {
  read(j, "id", v.id);
  read(j, "tracks", v.tracks);
}
void to_json(nlohmann::json& j, const RelayRtmpKey& v) { j = {{"key_sha256", v.key_sha256}, {"stream", v.stream}}; }
void from_json(const nlohmann::json& j, RelayRtmpKey& v) {
  read(j, "key_sha256", v.key_sha256);
  read(j, "stream", v.stream);
}
void to_json(nlohmann::json& j, const RelayLink& v) {
  j = {{"id", v.id},
       {"key", v.key.reveal()},
       {"first", v.first},
       {"own_ssrc", v.own_ssrc},
       {"peer_ssrc", v.peer_ssrc},
       {"remote", v.remote},
       {"offer", v.offer},
       {"pull", v.pull}};
}
void from_json(const nlohmann::json& j, RelayLink& v) {
  read(j, "id", v.id);
  std::string key;
  read(j, "key", key);
  v.key = Secret(std::move(key));
  read(j, "first", v.first);
  read(j, "own_ssrc", v.own_ssrc);
  read(j, "peer_ssrc", v.peer_ssrc);
  read(j, "remote", v.remote);
  read(j, "offer", v.offer);
  read(j, "pull", v.pull);
}
void to_json(nlohmann::json& j, const RelayDesired& v) {
  j = {{"schema", kSchema},    {"generation", v.generation},         {"pipes", v.pipes},
       {"streams", v.streams}, {"ended_sessions", v.ended_sessions}, {"rtmp_keys", v.rtmp_keys},
       {"links", v.links}};
}
void from_json(const nlohmann::json& j, RelayDesired& v) {
  read(j, "generation", v.generation);
  read(j, "pipes", v.pipes);
  read(j, "streams", v.streams);
  read(j, "ended_sessions", v.ended_sessions);
  read(j, "rtmp_keys", v.rtmp_keys);
  read(j, "links", v.links);
}
void to_json(nlohmann::json& j, const ComposeInput& v) {
  j = {{"id", v.id},
       {"session", v.session},
       {"kind", v.kind},
       {"on_stage", v.on_stage},
       {"on_stage_order", v.on_stage_order},
       {"muted", v.muted},
       {"gain_db", v.gain_db},
       {"tracks", v.tracks}};
}
void from_json(const nlohmann::json& j, ComposeInput& v) {
  read(j, "id", v.id);
  read(j, "session", v.session);
  read(j, "kind", v.kind);
  read(j, "on_stage", v.on_stage);
  read(j, "on_stage_order", v.on_stage_order);
  read(j, "muted", v.muted);
  read(j, "gain_db", v.gain_db);
  read(j, "tracks", v.tracks);
}
void to_json(nlohmann::json& j, const ComposeHls& v) {
  j = {{"publish", v.publish}, {"stream", v.stream}, {"rendition", v.rendition}, {"timing", v.timing}};
}
void from_json(const nlohmann::json& j, ComposeHls& v) {
  read(j, "publish", v.publish);
  read(j, "stream", v.stream);
  read(j, "rendition", v.rendition);
  read(j, "timing", v.timing);
}
void to_json(nlohmann::json& j, const ComposeDesired& v) {
  j = {{"schema", kSchema},
       {"generation", v.generation},
       {"programme", v.programme},
       {"epoch", v.epoch},
       {"timeline_start_ms", v.timeline_start_ms},
       {"canvas", v.canvas},
       {"rendition", v.rendition},
       {"hls", v.hls},
       {"pipe", v.pipe},
       {"pipe_address", v.pipe_address},
       {"publish_tracks", v.publish_tracks},
       {"inputs", v.inputs}};
}
void from_json(const nlohmann::json& j, ComposeDesired& v) {
  read(j, "generation", v.generation);
  read(j, "programme", v.programme);
  read(j, "epoch", v.epoch);
  read(j, "timeline_start_ms", v.timeline_start_ms);
  read(j, "canvas", v.canvas);
  read(j, "rendition", v.rendition);
  read(j, "hls", v.hls);
  read(j, "pipe", v.pipe);
  read(j, "pipe_address", v.pipe_address);
  read(j, "publish_tracks", v.publish_tracks);
  read(j, "inputs", v.inputs);
}
void to_json(nlohmann::json& j, const StreamStatus& v) {
  j = {{"version", v.version}, {"state", v.state}, {"session_type", v.session_type}, {"relay_epoch", v.relay_epoch}};
}
void from_json(const nlohmann::json& j, StreamStatus& v) {
  read(j, "version", v.version);
  read(j, "state", v.state);
  read(j, "session_type", v.session_type);
  read(j, "relay_epoch", v.relay_epoch);
}
void to_json(nlohmann::json& j, const OriginStream& v) {
  j = {{"id", v.id},
       {"status", v.status},
       {"token_required", v.token_required},
       {"started", v.started},
       {"ended", v.ended},
       {"keep", v.keep},
       {"min_epoch", v.min_epoch},
       {"canvas", v.canvas},
       {"rendition", v.rendition},
       {"timing", v.timing},
       {"window_s", v.window_s}};
}
void from_json(const nlohmann::json& j, OriginStream& v) {
  read(j, "id", v.id);
  read(j, "status", v.status);
  read(j, "token_required", v.token_required);
  read(j, "started", v.started);
  read(j, "ended", v.ended);
  read(j, "keep", v.keep);
  read(j, "min_epoch", v.min_epoch);
  read(j, "canvas", v.canvas);
  read(j, "rendition", v.rendition);
  read(j, "timing", v.timing);
  read(j, "window_s", v.window_s);
}
void to_json(nlohmann::json& j, const OriginDesired& v) {
  j = {{"schema", kSchema},
       {"generation", v.generation},
       {"streams", v.streams},
       {"token_key", v.token_key.reveal()},
       {"revoked_tokens", v.revoked_tokens}};
}
void from_json(const nlohmann::json& j, OriginDesired& v) {
  read(j, "generation", v.generation);
  read(j, "streams", v.streams);
  std::string token_key;
  read(j, "token_key", token_key);
  v.token_key = Secret(std::move(token_key));
  read(j, "revoked_tokens", v.revoked_tokens);
}

std::string to_json(const NodeDesired& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<NodeDesired, Error> parse_node_desired(std::string_view text) { return parse<NodeDesired>(text); }
std::string to_json(const RelayDesired& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<RelayDesired, Error> parse_relay_desired(std::string_view text) { return parse<RelayDesired>(text); }
std::string to_json(const ComposeDesired& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<ComposeDesired, Error> parse_compose_desired(std::string_view text) { return parse<ComposeDesired>(text); }
std::string to_json(const OriginDesired& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<OriginDesired, Error> parse_origin_desired(std::string_view text) { return parse<OriginDesired>(text); }

}  // namespace footlight::state
