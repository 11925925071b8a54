#include "fmp4/box_reader.h"

#include <optional>

namespace footlight::fmp4 {

std::string_view sentence(ReadError e) {
  switch (e) {
    case ReadError::kTruncated:
      return "the bytes end inside a box";
    case ReadError::kBadSize:
      return "a box is smaller than its header or larger than its parent";
    case ReadError::kUnexpected:
      return "a box stands where it may not, or twice";
    case ReadError::kMissing:
      return "a box that must be there is missing";
    case ReadError::kUnsupported:
      return "the file uses a form that is not taken here";
    case ReadError::kInconsistent:
      return "sample sizes and media data do not agree";
  }
  return "";
}

Result<Box, ReadError> BoxReader::next() {
  const ByteView all = reader_.rest();
  const size_t start = reader_.position();
  uint32_t small_size = 0;
  Box box;
  if (!reader_.read_u32(small_size) || !reader_.read_u32(box.type)) return unexpected(ReadError::kTruncated);
  uint64_t size = small_size;
  if (small_size == 1 && !reader_.read_u64(size)) return unexpected(ReadError::kTruncated);
  const size_t header = reader_.position() - start;
  if (size < header) return unexpected(ReadError::kBadSize);
  if (size > all.size()) return unexpected(ReadError::kTruncated);
  box.whole = all.first(static_cast<size_t>(size));
  box.payload = box.whole.subspan(header);
  if (!reader_.skip(box.payload.size())) return unexpected(ReadError::kTruncated);
  return box;
}

Result<Box, ReadError> only_child(ByteView payload, uint32_t type) {
  std::optional<Box> found;
  BoxReader reader(payload);
  while (!reader.done()) {
    auto box = reader.next();
    if (!box) return box;
    if (box->type != type) continue;
    if (found) return unexpected(ReadError::kUnexpected);
    found = *box;
  }
  if (!found) return unexpected(ReadError::kMissing);
  return *found;
}

}  // namespace footlight::fmp4
