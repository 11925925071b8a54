#include "control/demo.h"

#include "control/event_fields.h"
#include "control/lifecycle.h"
#include "control/new_event.h"
#include "control/sessions.h"
#include "control/stage.h"

namespace footlight::control {
namespace {

Event ensure_event(Parts& parts) {
  if (auto event = parts.repository.find_event(kDemoEvent)) return *event;
  Event event{.id = kDemoEvent, .title = "Demo", .record = false};
  event.rung = default_rung(event.canvas);
  store_new_event(parts, event, new_stream_key());
  return event;
}

}  // namespace

void stage_demo(Parts& parts) {
  auto event = ensure_event(parts);
  auto test = find_source(parts.repository, event.id, kTestSource);
  if (!test) {
    test = Source{.id = kTestSource,
                  .event = event.id,
                  .subject = "built-in",
                  .label = kTestSource,
                  .name = kTestSource,
                  .kind = SourceKind::kTest,
                  .state = SourceState::kConnected};
    parts.repository.insert_source(*test);
  }
  // A new start of the node: no process of the earlier one lives, so no camera is there, whatever its row says.
  for (Source& source : parts.repository.sources_of(event.id)) {
    if (source.id == kTestSource || !source.on_stage) continue;
    take_off_stage(source);
    store_source(parts, source, "source.updated");
  }
  put_on_stage(event, *test);
  parts.repository.update_event(event);
  store_source(parts, *test, "source.updated");
  if (event.state != EventState::kLive) move_event(parts, event, EventState::kLive);
}

}  // namespace footlight::control
