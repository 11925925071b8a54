#pragma once
#include <string>
#include <string_view>

namespace footlight::relay {

// Why a session call was refused, as relay.sock answers it (state/session_call.h).
enum class SessionErrorKind {
  kUnreadable,      // 400: the SDP or the fragment cannot be read
  kUnknownSession,  // 404
  kNoCommonCodec,   // 406: subscribe
  kNoTracks,        // 409: subscribe to a stream that nobody publishes
  kNoUsableCodec,   // 422: publish
  kUnavailable,     // 503: full or draining
};

struct SessionError {
  SessionErrorKind kind{};
  std::string detail;  // one sentence
};

[[nodiscard]] constexpr int http_status(SessionErrorKind kind) {
  switch (kind) {
    case SessionErrorKind::kUnreadable:
      return 400;
    case SessionErrorKind::kUnknownSession:
      return 404;
    case SessionErrorKind::kNoCommonCodec:
      return 406;
    case SessionErrorKind::kNoTracks:
      return 409;
    case SessionErrorKind::kNoUsableCodec:
      return 422;
    case SessionErrorKind::kUnavailable:
      return 503;
  }
  return 503;
}

// The `error` member of the JSON body.
[[nodiscard]] constexpr std::string_view name_of(SessionErrorKind kind) {
  switch (kind) {
    case SessionErrorKind::kUnreadable:
      return "unreadable";
    case SessionErrorKind::kUnknownSession:
      return "unknown_session";
    case SessionErrorKind::kNoCommonCodec:
      return "no_common_codec";
    case SessionErrorKind::kNoTracks:
      return "no_tracks";
    case SessionErrorKind::kNoUsableCodec:
      return "no_usable_codec";
    case SessionErrorKind::kUnavailable:
      return "unavailable";
  }
  return "unavailable";
}

}  // namespace footlight::relay
