// rooms: rtmp
#include <algorithm>

#include "base/check.h"
#include "rtmp/chunk_reader.h"

using namespace footlight;

// Bytes as chunks: whole at once and cut small they give the same messages, within the bounds.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView whole(data, size);
  ByteView cut(data, size);
  rtmp::ChunkReader at_once, in_pieces;
  at_once.set_max_message(rtmp::ChunkReader::kMaxMessage);
  in_pieces.set_max_message(rtmp::ChunkReader::kMaxMessage);
  for (;;) {
    auto expected = at_once.read(whole);
    Result<std::optional<rtmp::Message>, rtmp::ChunkError> got = std::nullopt;
    while (!cut.empty() && got && !*got) {
      ByteView piece = cut.first(std::min<size_t>(cut.size(), 3));
      size_t before = piece.size();
      got = in_pieces.read(piece);
      cut = cut.subspan(before - piece.size());
    }
    CHECK(expected.has_value() == got.has_value());
    if (!expected) {
      CHECK(expected.error() == got.error());
      return 0;
    }
    CHECK(at_once.unfinished() <= rtmp::ChunkReader::kMaxUnfinished);
    CHECK(expected->has_value() == got->has_value());
    if (!*expected) return 0;
    CHECK((*expected)->timestamp == (*got)->timestamp);
    CHECK(std::ranges::equal((*expected)->payload, (*got)->payload));
  }
}
