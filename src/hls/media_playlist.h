#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hls/timeline.h"

namespace footlight::hls {

// How one rendition's playlists are written; the same for all viewers.
struct PlaylistForm {
  std::string folder;       // where its media are, seen from the playlist: "../../1f/demo/720p/"
  int64_t window_us = 0;    // how much is listed while live
  bool keep_all = false;    // at the end: everything that is there, not the window only
  bool with_token = false;  // URIs end in the viewer's own token, by variable substitution
};

// A media playlist (rfc8216bis §4.4) of a timeline that has media. `as_of`: as it was when that part had come
// (kWholeSegment: when the segment was complete); empty: the newest. `skip`: a delta update, when there is enough to
// skip. Pure: equal arguments, equal bytes.
[[nodiscard]] std::string build_media_playlist(const Timeline& timeline, const PlaylistForm& form,
                                               std::optional<Position> as_of, bool skip);

// Seconds with as many decimals as the microseconds need, at least one: "2.0", "0.208333".
void append_seconds(std::string& out, int64_t us);

}  // namespace footlight::hls
