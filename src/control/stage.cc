#include "control/stage.h"

#include <algorithm>

namespace footlight::control {

namespace {

// What can be the one picture of an event, and so goes on stage by itself.
bool is_feed(const Source& s) { return s.kind == SourceKind::kCamera || s.kind == SourceKind::kRtmp; }

}  // namespace

void put_on_stage(Event& event, Source& source) {
  source.on_stage = true;
  source.on_stage_order = ++event.stage_order;
}

void take_off_stage(Source& source) { source.on_stage = false; }

std::vector<Source> stage_on_connect(Event& event, std::vector<Source>& sources, const std::string& id) {
  const auto self = std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.id == id; });
  if (self == sources.end() || self->on_stage) return {};
  const bool feed_there = std::any_of(sources.begin(), sources.end(), [&](const Source& s) {
    return s.id != id && is_feed(s) && s.on_stage && s.state == SourceState::kConnected;
  });
  const bool goes = event.auto_stage || (is_feed(*self) && !feed_there);
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
