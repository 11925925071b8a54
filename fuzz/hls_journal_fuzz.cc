// rooms: hls
#include <cstdint>
#include <string>
#include <string_view>

#include "hls/journal.h"
#include "hls/media_playlist.h"
#include "hls/reload.h"
#include "hls/timeline.h"

using namespace footlight;

namespace {

// Gives each line of the input its right checksum, so that the fuzzer reaches the records.
std::string with_checksums(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    out += hls::with_checksum(std::string(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

void replay(const hls::JournalText& journal) {
  hls::Timeline timeline;
  for (const hls::Record& record : journal.records)
    if (!timeline.apply(record)) break;
  if (!timeline.has_media()) return;
  const hls::PlaylistForm form{.folder = "f/", .window_us = 10'000'000, .keep_all = true, .with_token = false};
  (void)hls::build_media_playlist(timeline, form, std::nullopt, true);
  const hls::Position last = timeline.last();
  for (int64_t msn : {last.msn - 1, last.msn, last.msn + 1}) {
    const auto reload = hls::resolve_reload(timeline, {.msn = msn, .part = last.part, .skip = true});
    if (reload.kind == hls::Reload::Kind::kServe) (void)hls::build_media_playlist(timeline, form, reload.as_of, true);
  }
  hls::Timeline copy;
  for (const hls::Record& record : timeline.snapshot())
    if (!copy.apply(record)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  replay(hls::read_journal(text));
  replay(hls::read_journal(with_checksums(text)));
  return 0;
}
