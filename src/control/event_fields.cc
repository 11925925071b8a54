#include "control/event_fields.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/rfc3339.h"

namespace footlight::control {
namespace {

// Bounds. 3840x2160 at 60 is what H.264 level 5.2 carries; below 160x90 a picture is no use.
constexpr size_t kMaxTitleChars = 200;
constexpr size_t kMaxRungNameChars = 32;
constexpr int kMinWidth = 160, kMaxWidth = 3840;
constexpr int kMinHeight = 90, kMaxHeight = 2160;
constexpr int kMinFps = 1, kMaxFps = 60;
constexpr int kMinKbps = 100, kMaxKbps = 50000;
constexpr int kMinBufferKbit = 100, kMaxBufferKbit = 200000;

void read_size(const Fields& fields, int max_width, int max_height, int& width, int& height) {
  if (auto v = fields.integer("width", kMinWidth, max_width)) width = static_cast<int>(*v);
  if (auto v = fields.integer("height", kMinHeight, max_height)) height = static_cast<int>(*v);
  // 4:2:0 has one chroma sample for two by two pixels.
  if (width % 2 != 0) fields.impossible("width", "must be even");
  if (height % 2 != 0) fields.impossible("height", "must be even");
}

void read_canvas(Faults& faults, const nlohmann::json& object, state::Canvas& canvas) {
  const Fields fields(faults, object, "canvas", {"width", "height", "fps"});
  read_size(fields, kMaxWidth, kMaxHeight, canvas.width, canvas.height);
  if (auto v = fields.integer("fps", kMinFps, kMaxFps)) canvas.fps = static_cast<int>(*v);
}

bool is_path_name(std::string_view text) {  // it stands in URLs and object names
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

void read_rung(Faults& faults, const nlohmann::json& object, const state::Canvas& canvas, state::Rendition& rung) {
  const Fields fields(faults, object, "ladder[0]",
                      {"name", "width", "height", "video_kbps", "max_kbps", "buffer_kbit"});
  rung = default_rung(canvas);
  read_size(fields, canvas.width, canvas.height, rung.width, rung.height);
  rung = default_rung({rung.width, rung.height, canvas.fps});
  if (auto v = fields.text("name", kMaxRungNameChars)) {
    rung.name = *v;
    if (!is_path_name(*v)) fields.impossible("name", "may hold a-z, 0-9, - and _ only");
  }
  if (auto v = fields.integer("video_kbps", kMinKbps, kMaxKbps)) {
    rung.video_kbps = static_cast<int>(*v);
    rung.max_kbps = rung.video_kbps * 5 / 4;
    rung.buffer_kbit = rung.video_kbps * 5 / 2;
  }
  if (auto v = fields.integer("max_kbps", rung.video_kbps, kMaxKbps * 2)) rung.max_kbps = static_cast<int>(*v);
  if (auto v = fields.integer("buffer_kbit", kMinBufferKbit, kMaxBufferKbit)) rung.buffer_kbit = static_cast<int>(*v);
}

// `follows`: the rung was never chosen, so it goes with the canvas.
void read_ladder(Faults& faults, const Fields& fields, Event& event, bool follows) {
  if (!fields.has("ladder")) {
    if (follows) event.rung = default_rung(event.canvas);
    return;
  }
  const auto* list = fields.array("ladder");
  if (list == nullptr) return;
  if (list->size() != 1 || !list->front().is_object())
    return fields.impossible("ladder", "must hold exactly one rung; several come with a later version");
  read_rung(faults, list->front(), event.canvas, event.rung);
}

void read_starts_at(const Fields& fields, Event& event) {
  if (fields.is_null("starts_at")) {
    event.starts_at.reset();
    return;
  }
  const auto text = fields.text("starts_at", 64);
  if (!text) return;
  event.starts_at = parse_rfc3339(*text);
  if (!event.starts_at) fields.impossible("starts_at", "must be a date-time as 2026-11-22T18:30:00Z");
}

std::optional<Fault> read_fields(const nlohmann::json& body, Event& event, bool creating) {
  Faults faults;
  const Fields fields(
      faults, body, "",
      {"title", "session_type", "audience", "canvas", "ladder", "passthrough", "record", "auto_stage", "starts_at"});
  if (auto v = fields.text("title", kMaxTitleChars)) event.title = *v;
  if (creating && !fields.has("title")) fields.impossible("title", "is required");
  if (auto v = fields.choice("session_type", {"broadcast", "interactive"})) event.interactive = *v == "interactive";
  if (auto v = fields.choice("audience", {"public", "token"})) event.token_audience = *v == "token";
  const bool follows = creating || event.rung == default_rung(event.canvas);
  if (const auto* canvas = fields.object("canvas")) read_canvas(faults, *canvas, event.canvas);
  read_ladder(faults, fields, event, follows);
  if (event.rung.width > event.canvas.width || event.rung.height > event.canvas.height)
    fields.impossible("canvas", "is smaller than the rung of the ladder; give `ladder` too");
  if (auto v = fields.choice("passthrough", {"off", "auto"}); v == "auto")
    fields.impossible("passthrough", "can be off only; auto comes with a later version");
  if (auto v = fields.flag("record")) event.record = *v;
  if (auto v = fields.flag("auto_stage")) event.auto_stage = *v;
  read_starts_at(fields, event);
  return faults.first();
}

int rounded_kbps(double kbps) {
  constexpr double kStep = 50;
  return std::clamp(static_cast<int>(std::round(kbps / kStep) * kStep), kMinKbps, kMaxKbps);
}

}  // namespace

state::Rendition default_rung(const state::Canvas& canvas) {
  const state::Canvas reference;
  const state::Rendition at_reference;
  const double ratio = static_cast<double>(canvas.width) * canvas.height * canvas.fps /
                       (static_cast<double>(reference.width) * reference.height * reference.fps);
  const int kbps = rounded_kbps(at_reference.video_kbps * std::pow(ratio, 0.75));
  return {.name = std::to_string(canvas.height) + "p",
          .width = canvas.width,
          .height = canvas.height,
          .video_kbps = kbps,
          .max_kbps = kbps * at_reference.max_kbps / at_reference.video_kbps,
          .buffer_kbit = kbps * at_reference.buffer_kbit / at_reference.video_kbps};
}

std::optional<Fault> read_new_event(const nlohmann::json& body, Event& event) { return read_fields(body, event, true); }
std::optional<Fault> read_event_changes(const nlohmann::json& body, Event& event) {
  return read_fields(body, event, false);
}

}  // namespace footlight::control
