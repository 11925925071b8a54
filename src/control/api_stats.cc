#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/api.h"
#include "control/stats_json.h"

namespace footlight::control {
namespace {

http::Response get_stats(Call& call) {
  const Event& event = *call.event;
  EventWords words{.sources = call.parts.repository.sources_of(event.id),
                   .sessions = call.parts.repository.sessions_of(event.id)};
  // What does not parse was refused when it came; a role that is away left nothing.
  const LastDocuments& said = call.parts.last_documents;
  if (auto relay = state::parse_relay_observed(said.of("relay/local"))) words.relay = std::move(*relay);
  if (auto compose = state::parse_compose_observed(said.of("compose/" + event.id))) words.compose = std::move(*compose);
  if (const auto origin = state::parse_origin_observed(said.of("origin/local"))) {
    const auto stream = std::ranges::find(origin->streams, event.id, &state::OriginStreamObserved::id);
    if (stream != origin->streams.end()) words.origin = *stream;
  }
  return json_response(200, stats_json(event, words));
}

constexpr ApiCall kCalls[] = {
    {"GET", "/events/{event}/stats", Access::kProducer, get_stats},
};

}  // namespace

std::span<const ApiCall> stats_calls() { return kCalls; }

}  // namespace footlight::control
