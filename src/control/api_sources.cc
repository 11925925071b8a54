#include <nlohmann/json.hpp>

#include "control/api.h"
#include "control/event_json.h"
#include "control/json_body.h"
#include "control/sessions.h"
#include "control/stage.h"

namespace footlight::control {
namespace {

constexpr size_t kMaxNameChars = 100;
// Beyond +12 dB a microphone only clips; -60 dB cannot be heard.
constexpr double kMinGainDb = -60, kMaxGainDb = 12;

http::Response list_sources(Call& call) {
  auto items = nlohmann::ordered_json::array();
  for (const Source& source : call.parts.repository.sources_of(call.event->id)) items.push_back(source_json(source));
  return json_response(200, {{"items", std::move(items)}, {"next", nullptr}});
}

http::Response patch_source(Call& call) {
  auto source = find_source(call.parts.repository, call.event->id, call.params.find("source")->second);
  if (!source) return http::problem(404, "There is no such source.");
  const auto body = parse_object(call.request.body);
  if (!body) return http::problem(body.error().status, body.error().detail);
  Faults faults;
  const Fields fields(faults, *body, "", {"on_stage", "muted", "gain_db", "name"});
  const auto on_stage = fields.flag("on_stage");
  const auto muted = fields.flag("muted");
  const auto gain = fields.number("gain_db", kMinGainDb, kMaxGainDb);
  const auto name = fields.text("name", kMaxNameChars);
  if (const auto fault = faults.first()) return http::problem(fault->status, fault->detail);
  if (muted) source->muted = *muted;
  if (gain) source->gain_db = *gain;
  if (name) source->name = *name;
  if (on_stage && !*on_stage) take_off_stage(*source);
  if (on_stage && *on_stage && !source->on_stage) {
    put_on_stage(*call.event, *source);
    call.parts.repository.update_event(*call.event);
  }
  store_source(call.parts, *source, "source.updated");
  return json_response(200, source_json(*source));
}

http::Response delete_source(Call& call) {
  auto source = find_source(call.parts.repository, call.event->id, call.params.find("source")->second);
  if (!source) return http::problem(404, "There is no such source.");
  for (const Session& session : call.parts.repository.sessions_of(call.event->id))
    if (session.stream == source->id) end_session(call.parts, session, EndReason::kRemoved);
  call.parts.repository.delete_source(source->id);
  call.parts.stream.emit(call.event->id, "source.removed", {{"source", source->id}, {"name", source->name}});
  http::Response response;
  response.status = 204;
  return response;
}

constexpr ApiCall kCalls[] = {
    {"GET", "/events/{event}/sources", Access::kProducer, list_sources},
    {"PATCH", "/events/{event}/sources/{source}", Access::kProducer, patch_source, ApiCall::Body::kJson},
    {"DELETE", "/events/{event}/sources/{source}", Access::kProducer, delete_source},
};

}  // namespace

std::span<const ApiCall> source_calls() { return kCalls; }

}  // namespace footlight::control
