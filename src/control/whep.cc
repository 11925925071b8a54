#include <algorithm>

#include "base/random.h"
#include "control/api.h"
#include "control/programme_tracks.h"
#include "control/sessions.h"
#include "control/signalling.h"

// The WHEP endpoint: who may watch what, and when (CONTRACT §3, States; §4).
namespace footlight::control {

// The audience of a public event needs no token for the programme, and so none is looked at.
bool Signalling::admit_viewer(Dialogue& d, bool programme) {
  const bool anonymous = programme && ((d.event && !d.event->token_audience && d.event->state == EventState::kLive) ||
                                       ((!d.event || !d.event->token_audience) && !Authorizer::has_bearer(d.request)));
  if (!anonymous) {
    auto principal = parts_.authorizer.authenticate(d.request);
    if (database_failed(d)) return false;
    if (!principal) {
      refuse(d, 401, principal.error().message);
      return false;
    }
    d.principal = std::move(*principal);
    if (!is_event_allowed(d.principal, d.event_id) || d.principal.access < Access::kViewer) {
      refuse(d, 403, "This token is for another event, or does not watch.");
      return false;
    }
  }
  if (d.event) return true;
  refuse(d, 404, "There is no such event.");
  return false;
}

// The relay's stream behind `?source=`; answers and is empty when it may not be watched.
std::optional<std::string> Signalling::watched_stream(const Dialogue& d) const {
  const auto wanted = d.request.query_value("source");
  if (!wanted) return programme_stream(d.event_id);
  const auto sources = parts_.repository.sources_of(d.event_id);
  const bool on_stage = std::any_of(sources.begin(), sources.end(),
                                    [&](const Source& s) { return s.on_stage && s.subject == d.principal.subject; });
  if (d.principal.access < Access::kPresenter || (d.principal.access == Access::kPresenter && !on_stage)) {
    refuse(d, 403, "Single sources are for producers, and for presenters on stage.");
    return std::nullopt;
  }
  for (const Source& source : sources)
    if (source.id == *wanted) return source.id;
  refuse(d, 404, "There is no such source.");
  return std::nullopt;
}

void Signalling::subscribe(const DialoguePtr& d) {
  const bool programme = !d->request.query_value("source");
  if (!admit_viewer(*d, programme)) return;
  const auto stream = watched_stream(*d);
  if (!stream || !has_offer(*d)) return;
  const auto state = d->event->state;
  if (!accepts_publishers(state)) return refuse(*d, 409, "The event has ended; its recording is at the HLS URL.");
  const bool backstage = d->principal.access >= Access::kPresenter;
  if (programme && state != EventState::kLive && !(backstage && state == EventState::kRehearsal)) {
    auto response = http::problem(409, "The event is not live yet.");
    response.headers.set("Retry-After", "2");
    return respond(*d, std::move(response));
  }
  Session session{.id = random_id(),
                  .event = d->event_id,
                  .stream = *stream,
                  .token_id = d->principal.token_id,
                  .subject = d->principal.subject};
  agree(d, std::move(session), [this](const Session& agreed) { parts_.repository.insert_session(agreed); });
}

}  // namespace footlight::control
