#include "control/event_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/rfc3339.h"

namespace footlight::control {
namespace {

using Json = nlohmann::ordered_json;

Json time_json(const std::optional<WallTime>& t) { return t ? Json(to_rfc3339(*t)) : Json(nullptr); }

std::string session_type(const Event& e) { return e.interactive ? "interactive" : "broadcast"; }

Json playback_json(const Event& e, const Addresses::Base& base) {
  return {{"hls_url", base.origin + "/live/" + e.id + "/index.m3u8"}, {"whep_url", base.http + "/whep/" + e.id}};
}

std::string_view page_of(token::Role role) {
  switch (role) {
    case token::Role::kViewer:
      return "/watch/";
    case token::Role::kPresenter:
      return "/studio/";
    case token::Role::kProducer:
      return "/control-room/";
  }
  return "/";
}

Json links_json(const Event& e, const Addresses::Base& base, const Keyring& keyring) {
  // The producer's link token ends with the event (CONTRACT §3); the recording is watched afterwards.
  const auto producer = e.state == EventState::kArchived ? "" : keyring.link_token(e, token::Role::kProducer);
  const auto viewer = e.token_audience ? keyring.link_token(e, token::Role::kViewer) : "";
  return {{"studio", page_url(base, e.id, token::Role::kPresenter, producer)},
          {"control_room", page_url(base, e.id, token::Role::kProducer, producer)},
          {"watch", page_url(base, e.id, token::Role::kViewer, viewer)}};
}

}  // namespace

std::string page_url(const Addresses::Base& base, const std::string& event, token::Role role,
                     const std::string& token) {
  auto url = fmt::format("{}{}{}", base.http, page_of(role), event);
  return token.empty() ? url : url + "#token=" + token;
}

Json event_json(const Event& e, const Addresses::Base& base, const Keyring& keyring, const std::string& stream_key) {
  Json rung = {{"name", e.rung.name},         {"width", e.rung.width},
               {"height", e.rung.height},     {"video_kbps", e.rung.video_kbps},
               {"max_kbps", e.rung.max_kbps}, {"buffer_kbit", e.rung.buffer_kbit}};
  return {{"id", e.id},
          {"title", e.title},
          {"state", name_of(e.state)},
          {"session_type", session_type(e)},
          {"audience", e.token_audience ? "token" : "public"},
          {"canvas", {{"width", e.canvas.width}, {"height", e.canvas.height}, {"fps", e.canvas.fps}}},
          {"ladder", Json::array({std::move(rung)})},
          {"passthrough", "off"},
          {"record", e.record},
          {"auto_stage", e.auto_stage},
          {"starts_at", time_json(e.starts_at)},
          {"created_at", to_rfc3339(e.created_at)},
          {"started_at", time_json(e.started_at)},
          {"ended_at", time_json(e.ended_at)},
          {"links", links_json(e, base, keyring)},
          {"ingest",
           {{"whip_url", base.http + "/whip/" + e.id},
            {"rtmp_url", base.rtmp.empty() ? Json(nullptr) : Json(base.rtmp)},
            {"stream_key", stream_key.empty() ? Json(nullptr) : Json(stream_key)}}},
          {"playback", playback_json(e, base)}};
}

Json watch_json(const Event& e, const Addresses::Base& base) {
  return {{"id", e.id},
          {"title", e.title},
          {"starts_at", time_json(e.starts_at)},
          {"state", name_of(e.state)},
          {"session_type", session_type(e)},
          {"playback", playback_json(e, base)}};
}

Json source_json(const Source& s) {
  return {{"id", s.id},
          {"name", s.name},
          {"kind", name_of(s.kind)},
          {"state", name_of(s.state)},
          {"on_stage", s.on_stage},
          {"muted", s.muted},
          {"gain_db", s.gain_db},
          {"transport", s.transport.empty() ? Json(nullptr) : Json(s.transport)}};
}

std::string etag_of(const Event& e) { return fmt::format("\"{}-{}\"", e.nonce, e.revision); }

}  // namespace footlight::control
