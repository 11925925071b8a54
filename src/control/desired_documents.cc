#include "control/desired_documents.h"

#include "control/programme_tracks.h"
#include "control/rtmp_publishers.h"

namespace footlight::control {
namespace {

std::string id_or_none(const std::optional<Repository::Incarnation>& incarnation) {
  return incarnation ? incarnation->id : std::string();
}

}  // namespace

DesiredDocuments::DesiredDocuments(Repository& repository, const Keyring& keyring, const Clock& clock, Options options)
    : repository_(repository), keyring_(keyring), clock_(clock), options_(options) {}

Keyring::PipeEnds DesiredDocuments::ends_of(const Event& event) {
  return {.event = event.id,
          .compose = id_or_none(repository_.newest_incarnation("compose/" + event.id)),
          .relay = id_or_none(repository_.newest_incarnation("relay/local"))};
}

state::NodeDesired DesiredDocuments::node() {
  state::NodeDesired d;
  // Until it is archived an ended programme stays, for compose to hear of the end and tell the origin: a compose that
  // is stopped first leaves viewers three seconds without ENDLIST.
  for (const Event& event : repository_.all_events())
    if (is_running(event.state) || event.state == EventState::kEnded) d.programmes.push_back({event.id});
  return d;
}

state::RelayPipe DesiredDocuments::pipe_of(const Event& event, const Keyring::PipeEnds& ends) {
  state::RelayPipe pipe{.key = keyring_.pipe_key(ends),
                        .publish_stream = programme_stream(event.id),
                        .publish_tracks = programme_tracks(keyring_, ends, event.rung, event.canvas.fps)};
  for (const Source& source : repository_.sources_of(event.id))
    if (!source.session.empty()) pipe.consume.push_back(source.id);
  return pipe;
}

state::RelayDesired DesiredDocuments::relay() {
  state::RelayDesired d;
  for (const Event& event : repository_.all_events()) {
    if (!is_running(event.state)) continue;
    const auto ends = ends_of(event);
    d.streams.push_back({programme_stream(event.id), programme_tracks(keyring_, ends, event.rung, event.canvas.fps)});
    if (!ends.compose.empty() && !ends.relay.empty()) d.pipes.push_back(pipe_of(event, ends));
  }
  for (const auto& ending : repository_.endings()) d.ended_sessions.push_back(ending.session);
  d.rtmp_keys = rtmp_keys(repository_, keyring_);
  return d;
}

std::vector<state::ComposeInput> DesiredDocuments::inputs_of(const Event& event) {
  std::vector<state::ComposeInput> inputs;
  for (const Source& source : repository_.sources_of(event.id)) {
    state::ComposeInput input{.id = source.id,
                              .session = source.session,
                              .kind = std::string(name_of(source.kind)),
                              .on_stage = source.on_stage,
                              .on_stage_order = source.on_stage_order,
                              .muted = source.muted,
                              .gain_db = source.gain_db};
    if (const auto session = repository_.find_session(source.session)) input.tracks = session->tracks;
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::optional<state::ComposeDesired> DesiredDocuments::compose(const std::string& id) {
  const auto event = repository_.find_event(id);
  if (!event) return std::nullopt;
  const auto ends = ends_of(*event);
  state::ComposeDesired d{.programme = id,
                          .epoch = event->counters.programme_epoch,
                          .timeline_start_ms = event->counters.timeline_start_ms,
                          .canvas = event->canvas,
                          .rendition = event->rung,
                          .hls = {.publish = event->state == EventState::kLive,
                                  .stream = id,
                                  .rendition = event->rung.name,
                                  .timing = options_.hls}};
  if (!is_running(event->state)) return d;
  d.inputs = inputs_of(*event);
  if (ends.relay.empty()) return d;
  d.pipe = keyring_.pipe_key(ends);
  d.pipe_address = repository_.setting(kPipeAddressSetting);
  d.publish_tracks = programme_tracks(keyring_, ends, event->rung, event->canvas.fps);
  return d;
}

state::OriginStream DesiredDocuments::stream_of(const Event& event, const std::string& relay_epoch) const {
  const bool over = event.state == EventState::kEnded || event.state == EventState::kArchived;
  return {.id = event.id,
          .status = {.version = event.counters.status_version,
                     .state = std::string(name_of(event.state)),
                     .session_type = event.interactive ? "interactive" : "broadcast",
                     .relay_epoch = relay_epoch},
          .token_required = event.token_audience,
          .started = event.started_at.has_value(),
          .ended = over,
          .keep = event.record,
          .min_epoch = event.counters.programme_epoch,
          .canvas = event.canvas,
          .rendition = event.rung,
          .timing = options_.hls,
          .window_s = options_.window_s};
}

state::OriginDesired DesiredDocuments::origin() {
  state::OriginDesired d;
  const auto relay_epoch = id_or_none(repository_.newest_incarnation("relay/local"));
  for (const Event& event : repository_.all_events()) d.streams.push_back(stream_of(event, relay_epoch));
  d.token_key = keyring_.token_key();
  d.revoked_tokens = repository_.revoked_ids(clock_.wall_now());
  return d;
}

}  // namespace footlight::control
