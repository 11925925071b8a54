#include "control/model.h"

#include <array>
#include <utility>

namespace footlight::control {
namespace {

template <class T, size_t kSize>
using Names = std::array<std::pair<T, std::string_view>, kSize>;

constexpr Names<EventState, 5> kEventStates{{{EventState::kDraft, "draft"},
                                             {EventState::kRehearsal, "rehearsal"},
                                             {EventState::kLive, "live"},
                                             {EventState::kEnded, "ended"},
                                             {EventState::kArchived, "archived"}}};
constexpr Names<SourceKind, 4> kSourceKinds{{{SourceKind::kCamera, "camera"},
                                             {SourceKind::kScreen, "screen"},
                                             {SourceKind::kRtmp, "rtmp"},
                                             {SourceKind::kTest, "test"}}};
constexpr Names<SourceState, 3> kSourceStates{
    {{SourceState::kIdle, "idle"}, {SourceState::kConnected, "connected"}, {SourceState::kLost, "lost"}}};

template <class T, size_t kSize>
std::string_view to_name(const Names<T, kSize>& names, T value) {
  for (const auto& [v, name] : names)
    if (v == value) return name;
  return "";
}
template <class T, size_t kSize>
std::optional<T> from_name(const Names<T, kSize>& names, std::string_view text) {
  for (const auto& [v, name] : names)
    if (name == text) return v;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(EventState s) { return to_name(kEventStates, s); }
std::optional<EventState> event_state_named(std::string_view name) { return from_name(kEventStates, name); }
std::string_view name_of(SourceKind k) { return to_name(kSourceKinds, k); }
std::optional<SourceKind> source_kind_named(std::string_view name) { return from_name(kSourceKinds, name); }
std::string_view name_of(SourceState s) { return to_name(kSourceStates, s); }
std::optional<SourceState> source_state_named(std::string_view name) { return from_name(kSourceStates, name); }

}  // namespace footlight::control
