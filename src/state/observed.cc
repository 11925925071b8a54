#include "state/observed.h"

#include <concepts>

#include "state/desired.h"
#include "state/json_fields.h"
#include "state/json_writer.h"

namespace footlight::state {
namespace {

template <class V, class T>
concept Is = std::same_as<std::remove_const_t<V>, T>;

// Each struct's fields, once, for the writer and for the reader.
template <class Each>
void common_fields(Each& each, auto& v) {
  each("incarnation", v.incarnation);
  each("applied_generation", v.applied_generation);
  each("metrics", v.metrics);
}
template <class Each>
void fields(Each& each, Is<Observed> auto& v) {
  common_fields(each, v);
}
template <class Each>
void fields(Each& each, Is<TrackObserved> auto& v) {
  each("kind", v.kind);
  each("codec", v.codec);
  each("layer", v.layer);
  each("state", v.state);
  each("bitrate_bps", v.bitrate_bps);
  each("packets", v.packets);
  each("lost", v.lost);
  each("loss_ratio", v.loss_ratio);
  each("nacked", v.nacked);
  each("resent", v.resent);
  each("key_frame_requests", v.key_frame_requests);
  each("jitter_ms", v.jitter_ms);
  each("rtt_ms", v.rtt_ms);
  each("fps", v.fps);
  each("width", v.width);
  each("height", v.height);
  each("b_frames", v.b_frames);
  each("since_media_ms", v.since_media_ms);
}
template <class Each>
void fields(Each& each, Is<SessionObserved> auto& v) {
  each("id", v.id);
  each("kind", v.kind);
  each("stream", v.stream);
  each("state", v.state);
  each("end_reason", v.end_reason);
  each("transport", v.transport);
  each("bitrate_bps", v.bitrate_bps);
  each("loss_ratio", v.loss_ratio);
  each("jitter_ms", v.jitter_ms);
  each("rtt_ms", v.rtt_ms);
  each("fps", v.fps);
  each("estimate_bps", v.estimate_bps);
  each("media", v.media);
  each("tracks", v.tracks);
}
template <class Each>
void fields(Each& each, Is<LinkStreamObserved> auto& v) {
  each("stream", v.stream);
  each("direction", v.direction);
  each("media", v.media);
}
template <class Each>
void fields(Each& each, Is<LinkObserved> auto& v) {
  each("id", v.id);
  each("state", v.state);
  each("remote", v.remote);
  each("streams", v.streams);
}
template <class Each>
void fields(Each& each, Is<RelayObserved> auto& v) {
  common_fields(each, v);
  each("pipe_address", v.pipe_address);
  each("sessions", v.sessions);
  each("links", v.links);
  each("pipes", v.pipes);
}
template <class Each>
void fields(Each& each, Is<InputObserved> auto& v) {
  each("id", v.id);
  each("state", v.state);
  each("fps", v.fps);
  each("jitter_buffer_ms", v.jitter_buffer_ms);
  each("decode_ms", v.decode_ms);
}
template <class Each>
void fields(Each& each, Is<ComposeObserved> auto& v) {
  common_fields(each, v);
  each("epoch", v.epoch);
  each("inputs", v.inputs);
  each("mix_ms", v.mix_ms);
  each("encode_ms", v.encode_ms);
  each("package_ms", v.package_ms);
  each("dropped_segments", v.dropped_segments);
}
template <class Each>
void fields(Each& each, Is<OriginStreamObserved> auto& v) {
  each("id", v.id);
  each("has_media", v.has_media);
  each("complete", v.complete);
  each("next_msn", v.next_msn);
  each("peak_bps", v.peak_bps);
}
template <class Each>
void fields(Each& each, Is<OriginObserved> auto& v) {
  common_fields(each, v);
  each("streams", v.streams);
}

struct FieldReader {
  const nlohmann::json& j;
  template <class T>
  void operator()(const char* key, T& out) {
    read(j, key, out);
  }
};

// Text straight from the structs: a relay of hundreds of viewers says this of each of them each second, and a tree of
// values cost it a twentieth of all its time.
struct FieldWriter {
  JsonWriter& out;
  template <class T>
  void operator()(const char* key, const T& v) {
    out.key(key);
    value(v);
  }
  template <class T>
  void value(const std::vector<T>& list) {
    out.begin_array();
    for (const T& v : list) value(v);
    out.end_array();
  }
  void value(const PipeTrack& track) {
    nlohmann::json j;
    to_json(j, track);
    out.raw(j.dump());
  }
  template <class T>
  void value(const T& v) {
    if constexpr (requires { fields(*this, v); }) {
      out.begin_object();
      fields(*this, v);
      out.end_object();
    } else {
      out.value(v);
    }
  }
};

template <class T>
std::string text_of(const T& v) {
  std::string text;
  JsonWriter out(text);
  FieldWriter writer{out};
  out.begin_object();
  writer("schema", kSchema);
  fields(writer, v);
  out.end_object();
  return text;
}

}  // namespace

// For json_fields.h, which finds it by the structs' namespace.
template <class T>
  requires requires(FieldReader reader, T& v) { fields(reader, v); }
void from_json(const nlohmann::json& j, T& v) {
  FieldReader reader{j};
  fields(reader, v);
}

std::string to_json(const Observed& v) { return text_of(v); }
std::string to_json(const RelayObserved& v) { return text_of(v); }
std::string to_json(const ComposeObserved& v) { return text_of(v); }
std::string to_json(const OriginObserved& v) { return text_of(v); }
Result<Observed, Error> parse_observed(std::string_view text) { return parse<Observed>(text); }
Result<RelayObserved, Error> parse_relay_observed(std::string_view text) { return parse<RelayObserved>(text); }
Result<ComposeObserved, Error> parse_compose_observed(std::string_view text) { return parse<ComposeObserved>(text); }
Result<OriginObserved, Error> parse_origin_observed(std::string_view text) { return parse<OriginObserved>(text); }

}  // namespace footlight::state
