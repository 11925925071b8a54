#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "hls/file_reader.h"
#include "http/message.h"

namespace footlight::hls {

// How long a shared cache may keep an answer (FACTS §6 rule 9).
inline constexpr int64_t kImmutableSeconds = 7 * 24 * 3600;
inline constexpr int64_t kErrorSeconds = 1;

inline constexpr std::string_view kPlaylistType = "application/vnd.apple.mpegurl";
inline constexpr std::string_view kMediaType = "video/mp4";
inline constexpr std::string_view kJsonType = "application/json";

// Every answer under /live: readable from any page, never with credentials (CONTRACT §4).
void allow_any_origin(http::Response& response);

// problem+json that no cache keeps for long.
[[nodiscard]] http::Response refuse(int status, std::string_view detail);

// Shared text that depends on Accept-Encoding.
[[nodiscard]] http::Response text_answer(Bytes body, std::string_view type, int64_t max_age_s, bool gzipped);

// Bytes that never change: 200, or 206 and 416 by the request's Range (RFC 9110 §14; one range, else the whole).
[[nodiscard]] http::Response media_answer(const http::Request& request, const Bytes& body, std::string_view etag);

// The answer to OPTIONS of a cross-origin page.
[[nodiscard]] http::Response preflight();

[[nodiscard]] bool accepts_gzip(const http::Request& request);
// RFC 1952, without a time stamp: equal text, equal bytes.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace footlight::hls
