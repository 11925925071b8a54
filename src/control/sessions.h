#pragma once
#include <optional>
#include <string>
#include <vector>

#include "control/parts.h"

// Sessions and the sources that they carry. All within a change.
namespace footlight::control {

enum class EndReason { kLeft, kTakenOver, kLost, kRelayLost, kRevoked, kRemoved, kOver };
[[nodiscard]] std::string_view name_of(EndReason r);

// The session ends because control says so: it goes from the table, and the relay is told by desired state.
void end_session(Parts& parts, const Session& session, EndReason reason);
// The relay has ended it, or is gone itself.
void forget_session(Parts& parts, const Session& session, EndReason reason);
// Everything that lives by a token or a stream key.
void end_sessions_of_token(Parts& parts, const std::string& event, const std::string& token_id);

// A publisher was accepted: its source appears or returns, and the session that carried it before is taken over.
void attach_publisher(Parts& parts, const Event& event, Source source, const Session& session);

// The source's first packets have come, or media stopped: its state, the stage and the event's stream follow.
void on_source_connected(Parts& parts, Source& source, const std::string& transport);
void on_source_silent(Parts& parts, Source& source, EndReason reason);

// Stores the source and tells the stream `type` with what pages show of it.
void store_source(Parts& parts, const Source& source, const std::string& type);
[[nodiscard]] std::optional<Source> find_source(Repository& repository, const std::string& event,
                                                const std::string& id);

}  // namespace footlight::control
