#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace footlight::sdp {

// Bounds of what is read; beyond them an offer is refused with a sentence. A Chromium offer has about 8 KB.
inline constexpr size_t kMaxTextBytes = 128 << 10;
inline constexpr size_t kMaxLines = 4096;
inline constexpr size_t kMaxLineBytes = 4096;
inline constexpr size_t kMaxMediaSections = 32;

struct Attribute {
  std::string name;
  std::string value;  // empty for a property attribute
};

// Attributes in the order of the text.
class Attributes {
 public:
  void add(std::string name, std::string value = {}) { list_.push_back({std::move(name), std::move(value)}); }
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  [[nodiscard]] const std::string* find(std::string_view name) const;  // the first; nullptr: none
  [[nodiscard]] auto begin() const { return list_.begin(); }
  [[nodiscard]] auto end() const { return list_.end(); }

 private:
  std::vector<Attribute> list_;
};

struct MediaSection {
  std::string kind;  // "audio", "video", "application"
  int port = 0;      // 0: rejected
  std::string protocol;
  std::vector<std::string> formats;
  std::string connection;  // c= without "c="; may be empty
  std::string mid;         // empty where the offer has none
  Attributes attributes;
};

// An SDP text taken apart (RFC 8866): no meaning beyond lines, sections and attributes.
struct SessionDescription {
  std::string origin;  // o= without "o="
  std::string session_name = "-";
  std::string connection;
  Attributes attributes;
  std::vector<MediaSection> media;

  // The error names the line. Lines end in CRLF or LF; unknown lines are passed over.
  [[nodiscard]] static Result<SessionDescription, Error> parse(std::string_view text);
  // The same for attributes and sections alone, without v=, o=, s= and t= (RFC 8840 §9).
  [[nodiscard]] static Result<SessionDescription, Error> parse_fragment(std::string_view text);
  [[nodiscard]] std::string text() const;
};

}  // namespace footlight::sdp
