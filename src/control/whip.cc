#include "base/random.h"
#include "control/api.h"
#include "control/json_body.h"
#include "control/sessions.h"
#include "control/signalling.h"

// The WHIP endpoint: who may publish to an event, and as which source (CONTRACT §4).
namespace footlight::control {
namespace {

constexpr std::string_view kDefaultLabel = "camera";
constexpr size_t kMaxLabelChars = 64;
constexpr size_t kMaxSources = 64;  // an event; each costs compose a decoder

}  // namespace

bool Signalling::admit_publisher(Dialogue& d) {
  auto principal = parts_.authorizer.authenticate(d.request);
  if (database_failed(d)) return false;
  if (!principal) {
    refuse(d, 401, principal.error().message);
    return false;
  }
  d.principal = std::move(*principal);
  const bool may = d.principal.access == Access::kStreamKey || d.principal.access >= Access::kPresenter;
  if (!is_event_allowed(d.principal, d.event_id))
    refuse(d, 403, "This token is for another event.");
  else if (!may)
    refuse(d, 403, "A viewer's token may watch, not publish.");
  else if (!d.event)
    refuse(d, 404, "There is no such event.");
  else
    return true;
  return false;
}

// The source of this subject and label; answers and is empty when it cannot be.
std::optional<Source> Signalling::publisher_source(const Dialogue& d) const {
  const auto label = d.request.query_value("source").value_or(std::string(kDefaultLabel));
  if (!is_printable(label) || count_characters(label) > kMaxLabelChars) {
    refuse(d, 422, "`source` must be 1 to 64 characters in UTF-8, without control characters.");
    return std::nullopt;
  }
  const auto id = parts_.keyring.source_id(*d.event, d.principal.subject, label);
  const auto sources = parts_.repository.sources_of(d.event_id);
  for (const Source& source : sources)
    if (source.id == id) return source;
  if (sources.size() >= kMaxSources) {
    refuse(d, 422, "The event has 64 sources, which is all it can have; remove one first.");
    return std::nullopt;
  }
  return Source{.id = id,
                .event = d.event_id,
                .subject = d.principal.subject,
                .label = label,
                .name = label,
                .kind = label.starts_with("screen") ? SourceKind::kScreen : SourceKind::kCamera};
}

void Signalling::publish(const DialoguePtr& d) {
  if (!admit_publisher(*d) || !has_offer(*d)) return;
  if (!accepts_publishers(d->event->state)) return refuse(*d, 409, "The event has ended; nobody can publish to it.");
  auto source = publisher_source(*d);
  if (!source) return;
  Session session{.id = random_id(),
                  .event = d->event_id,
                  .publish = true,
                  .stream = source->id,
                  .source = source->id,
                  .token_id = d->principal.token_id,
                  .subject = d->principal.subject};
  agree(d, std::move(session), [this, d, source = std::move(*source)](const Session& agreed) {
    attach_publisher(parts_, *d->event, source, agreed);
  });
}

}  // namespace footlight::control
