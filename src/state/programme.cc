#include "state/json_fields.h"

namespace footlight::state {

void to_json(nlohmann::json& j, const Canvas& v) { j = {{"width", v.width}, {"height", v.height}, {"fps", v.fps}}; }
void from_json(const nlohmann::json& j, Canvas& v) {
  read(j, "width", v.width);
  read(j, "height", v.height);
  read(j, "fps", v.fps);
}
void to_json(nlohmann::json& j, const Rendition& v) {
  j = {{"name", v.name},         {"width", v.width},
       {"height", v.height},     {"video_kbps", v.video_kbps},
       {"max_kbps", v.max_kbps}, {"buffer_kbit", v.buffer_kbit}};
}
void from_json(const nlohmann::json& j, Rendition& v) {
  read(j, "name", v.name);
  read(j, "width", v.width);
  read(j, "height", v.height);
  read(j, "video_kbps", v.video_kbps);
  read(j, "max_kbps", v.max_kbps);
  read(j, "buffer_kbit", v.buffer_kbit);
}
void to_json(nlohmann::json& j, const HlsTiming& v) { j = {{"part_ms", v.part_ms}, {"segment_ms", v.segment_ms}}; }
void from_json(const nlohmann::json& j, HlsTiming& v) {
  read(j, "part_ms", v.part_ms);
  read(j, "segment_ms", v.segment_ms);
}
void to_json(nlohmann::json& j, const PipeKey& v) {
  j = {{"id", v.id}, {"key", v.key}, {"compose_ssrc", v.compose_ssrc}, {"relay_ssrc", v.relay_ssrc}};
}
void from_json(const nlohmann::json& j, PipeKey& v) {
  read(j, "id", v.id);
  read(j, "key", v.key);
  read(j, "compose_ssrc", v.compose_ssrc);
  read(j, "relay_ssrc", v.relay_ssrc);
}
void to_json(nlohmann::json& j, const PipeTrack& v) {
  j = {{"kind", v.kind},
       {"codec", v.codec},
       {"ssrc", v.ssrc},
       {"payload_type", v.payload_type},
       {"clock_rate", v.clock_rate},
       {"channels", v.channels},
       {"fmtp", v.fmtp},
       {"b_frames", v.b_frames}};
}
void from_json(const nlohmann::json& j, PipeTrack& v) {
  read(j, "kind", v.kind);
  read(j, "codec", v.codec);
  read(j, "ssrc", v.ssrc);
  read(j, "payload_type", v.payload_type);
  read(j, "clock_rate", v.clock_rate);
  read(j, "channels", v.channels);
  read(j, "fmtp", v.fmtp);
  read(j, "b_frames", v.b_frames);
}

}  // namespace footlight::state
