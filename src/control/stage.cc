#include "control/stage.h"

#include <algorithm>

namespace footlight::control {

void put_on_stage(Event& event, Source& source) {
  source.on_stage = true;
  source.on_stage_order = ++event.stage_order;
}

void take_off_stage(Source& source) { source.on_stage = false; }

std::vector<Source> stage_on_connect(Event& event, std::vector<Source>& sources, const std::string& id) {
  const auto self = std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.id == id; });
  if (self == sources.end() || self->on_stage) return {};
  const bool camera_there = std::any_of(sources.begin(), sources.end(), [&](const Source& s) {
    return s.id != id && s.kind == SourceKind::kCamera && s.on_stage && s.state == SourceState::kConnected;
  });
  const bool goes = event.auto_stage || (self->kind == SourceKind::kCamera && !camera_there);
  if (!goes) return {};
  put_on_stage(event, *self);
  std::vector<Source> changed{*self};
  for (Source& s : sources) {
    if (s.kind != SourceKind::kTest || !s.on_stage) continue;
    take_off_stage(s);
    changed.push_back(s);
  }
  return changed;
}

}  // namespace footlight::control
