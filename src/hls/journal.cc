#include "hls/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <limits>
#include <tuple>

namespace footlight::hls {
namespace {

uint32_t checksum(std::string_view text) {
  return static_cast<uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

// The fields of each record in the order of its line, for writing and reading alike.
template <class R>
auto tie_fields(R& r) {
  using T = std::remove_const_t<R>;
  if constexpr (std::same_as<T, BaseRecord>)
    return std::tie(r.next_msn, r.next_init, r.discontinuities, r.epoch, r.total_us, r.total_bytes, r.peak_bps);
  else if constexpr (std::same_as<T, TimingRecord>)
    return std::tie(r.part_us, r.segment_us, r.segment_parts);
  else if constexpr (std::same_as<T, EpochRecord>)
    return std::tie(r.epoch);
  else if constexpr (std::same_as<T, InitRecord>)
    return std::tie(r.number, r.size);
  else if constexpr (std::same_as<T, PartRecord>)
    return std::tie(r.msn, r.part, r.size, r.duration_us, r.date_us, r.init, r.independent, r.last);
  else if constexpr (std::same_as<T, GapRecord>)
    return std::tie(r.msn, r.duration_us);
  else if constexpr (std::same_as<T, SegmentRecord>)
    return std::tie(r.msn, r.epoch, r.size, r.duration_us, r.date_us, r.init, r.discontinuity, r.gap, r.complete,
                    r.closed_late);
  else if constexpr (std::same_as<T, TableRecord>)
    return std::tie(r.size, r.duration_us, r.independent, r.gap);
  else if constexpr (std::same_as<T, LostRecord>)
    return std::tie(r.msn);
  else if constexpr (std::same_as<T, TrimRecord>)
    return std::tie(r.first_msn);
  else
    return std::tie();
}

// In the order of Record's alternatives.
constexpr std::array<char, std::variant_size_v<Record>> kLetterOf = {'B', 'T', 'E', 'I', 'P', 'G', 'S',
                                                                     'A', 'D', 'L', 'K', 'F', 'R'};

template <class T>
bool read_number(std::string_view& rest, T& out) {
  if (rest.empty() || rest.front() != ' ') return false;
  rest.remove_prefix(1);
  uint64_t value = 0;
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  const auto used = static_cast<size_t>(end - rest.data());
  if (error != std::errc() || (used > 1 && rest.front() == '0')) return false;
  rest.remove_prefix(used);
  if (value > static_cast<uint64_t>(std::numeric_limits<T>::max())) return false;
  out = static_cast<T>(value);
  return true;
}

template <class R>
std::optional<Record> decode_as(std::string_view rest) {
  R record;
  bool ok = true;
  std::apply([&](auto&... field) { ok = (read_number(rest, field) && ...); }, tie_fields(record));
  if (!ok || !rest.empty()) return std::nullopt;
  return record;
}

template <size_t kIndex = 0>
std::optional<Record> decode_letter(char letter, std::string_view rest) {
  if constexpr (kIndex < std::variant_size_v<Record>) {
    if (kLetterOf[kIndex] == letter) return decode_as<std::variant_alternative_t<kIndex, Record>>(rest);
    return decode_letter<kIndex + 1>(letter, rest);
  } else {
    return std::nullopt;
  }
}

DiskError disk_error() { return errno == ENOSPC || errno == EDQUOT ? DiskError::kFull : DiskError::kFailed; }

Result<std::string, DiskError> read_all(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return unexpected(DiskError::kFailed);
  std::string text(static_cast<size_t>(info.st_size), '\0');
  size_t at = 0;
  while (at < text.size()) {
    const ssize_t n = ::pread(fd, text.data() + at, text.size() - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unexpected(DiskError::kFailed);
    if (n == 0) break;
    at += static_cast<size_t>(n);
  }
  text.resize(at);
  return text;
}

}  // namespace

std::string with_checksum(std::string body) {
  const uint32_t sum = checksum(body);
  fmt::format_to(std::back_inserter(body), " *{:08x}\n", sum);
  return body;
}

std::string encode(const Record& record) {
  std::string line(1, kLetterOf[record.index()]);
  std::visit(
      [&](const auto& r) {
        std::apply(
            [&](const auto&... field) {
              ((fmt::format_to(std::back_inserter(line), " {}", static_cast<uint64_t>(field))), ...);
            },
            tie_fields(r));
      },
      record);
  return with_checksum(std::move(line));
}

std::optional<Record> decode(std::string_view line) {
  constexpr size_t kTail = 11;  // " *", eight digits, newline
  if (line.size() <= kTail || line.back() != '\n') return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - kTail);
  const std::string_view tail = line.substr(body.size());
  uint32_t sum = 0;
  auto [end, error] = std::from_chars(tail.data() + 2, tail.data() + kTail - 1, sum, 16);
  if (!tail.starts_with(" *") || error != std::errc() || *end != '\n' || sum != checksum(body)) return std::nullopt;
  return decode_letter(body.front(), body.substr(1));
}

JournalText read_journal(std::string_view text) {
  JournalText out;
  while (out.valid_bytes < text.size()) {
    const size_t end = text.find('\n', out.valid_bytes);
    if (end == std::string_view::npos) break;
    auto record = decode(text.substr(out.valid_bytes, end + 1 - out.valid_bytes));
    if (!record) break;
    out.records.push_back(*record);
    out.valid_bytes = end + 1;
  }
  return out;
}

Result<void, DiskError> write_all(int fd, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return unexpected(disk_error());
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return {};
}

Result<std::vector<Record>, DiskError> Journal::open() {
  file_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file_.valid()) return unexpected(disk_error());
  auto text = read_all(file_.get());
  if (!text) return unexpected(text.error());
  JournalText journal = read_journal(*text);
  size_ = journal.valid_bytes;
  if (size_ < text->size() && ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) return unexpected(disk_error());
  return std::move(journal.records);
}

Result<void, DiskError> Journal::append(const Record& record) {
  const std::string line = encode(record);
  if (auto ok = write_all(file_.get(), line, size_); !ok) {
    // A torn line stays harmless when this fails too: the next one is written over it, and its CRC does not match.
    [[maybe_unused]] const int cut = ::ftruncate(file_.get(), static_cast<off_t>(size_));
    return ok;
  }
  size_ += line.size();
  return {};
}

Result<void, DiskError> Journal::rewrite(const std::vector<Record>& records) {
  std::string text;
  for (const Record& record : records) text += encode(record);
  std::filesystem::path fresh_path = path_;
  fresh_path += ".new";
  UniqueFd fresh(::open(fresh_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fresh.valid()) return unexpected(disk_error());
  if (auto ok = write_all(fresh.get(), text, 0); !ok) return ok;
  if (::fdatasync(fresh.get()) != 0 || ::rename(fresh_path.c_str(), path_.c_str()) != 0)
    return unexpected(disk_error());
  file_ = std::move(fresh);
  size_ = text.size();
  return {};
}

}  // namespace footlight::hls
