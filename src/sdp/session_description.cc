#include "sdp/session_description.h"

#include <fmt/core.h>

#include <charconv>

namespace footlight::sdp {
namespace {

std::string_view next_line(std::string_view& text) {
  size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view next_word(std::string_view& line) {
  size_t start = std::min(line.find_first_not_of(' '), line.size());
  line.remove_prefix(start);
  size_t end = std::min(line.find(' '), line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool has_control_characters(std::string_view line) {
  for (char c : line)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') return true;
  return false;
}

// RFC 8866 §5.14: m=<media> <port>[/<number>] <proto> <fmt> …
bool parse_media_line(std::string_view value, MediaSection& out) {
  constexpr int kMaxPort = 65535;
  out.kind = next_word(value);
  std::string_view port = next_word(value);
  port = port.substr(0, port.find('/'));
  out.protocol = next_word(value);
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size() || out.port < 0 || out.port > kMaxPort) return false;
  for (std::string_view format = next_word(value); !format.empty(); format = next_word(value))
    out.formats.emplace_back(format);
  return !out.kind.empty() && !out.protocol.empty() && !out.formats.empty();
}

class Parser {
 public:
  explicit Parser(bool needs_version) : seen_version_(!needs_version) {}

  Result<SessionDescription, Error> run(std::string_view text) {
    if (text.size() > kMaxTextBytes) return fail(fmt::format("the SDP is longer than {} bytes", kMaxTextBytes));
    while (!text.empty()) {
      std::string_view line = next_line(text);
      if (++line_number_ > kMaxLines) return fail(fmt::format("the SDP has more than {} lines", kMaxLines));
      if (line.empty()) continue;
      if (auto read = parse_line(line); !read)
        return fail(fmt::format("SDP line {}: {}", line_number_, read.error().message));
    }
    if (!seen_version_) return fail("the SDP does not begin with v=0");
    return std::move(description_);
  }

 private:
  Result<void, Error> parse_line(std::string_view line) {
    if (line.size() > kMaxLineBytes) return fail(fmt::format("it is longer than {} bytes", kMaxLineBytes));
    if (line.size() < 2 || line[1] != '=') return fail("it is not of the form letter=value");
    if (has_control_characters(line)) return fail("it has control characters");
    std::string_view value = line.substr(2);
    if (!seen_version_) {
      if (line != "v=0") return fail("the first line must be v=0");
      seen_version_ = true;
      return {};
    }
    switch (line[0]) {
      case 'o':
        description_.origin = value;
        break;
      case 's':
        description_.session_name = value;
        break;
      case 'c':
        (description_.media.empty() ? description_.connection : description_.media.back().connection) = value;
        break;
      case 'm':
        return open_section(value);
      case 'a':
        add_attribute(value);
        break;
      default:
        break;
    }
    return {};
  }

  Result<void, Error> open_section(std::string_view value) {
    if (description_.media.size() == kMaxMediaSections)
      return fail(fmt::format("there are more than {} media sections", kMaxMediaSections));
    MediaSection section;
    if (!parse_media_line(value, section)) return fail("an m= line needs media, port, protocol and formats");
    description_.media.push_back(std::move(section));
    return {};
  }

  void add_attribute(std::string_view value) {
    size_t colon = value.find(':');
    std::string_view name = value.substr(0, colon);
    std::string_view rest = colon == std::string_view::npos ? std::string_view{} : value.substr(colon + 1);
    if (description_.media.empty()) {
      description_.attributes.add(std::string(name), std::string(rest));
      return;
    }
    MediaSection& section = description_.media.back();
    if (name == "mid") section.mid = rest;
    section.attributes.add(std::string(name), std::string(rest));
  }

  SessionDescription description_;
  size_t line_number_ = 0;
  bool seen_version_;
};

void write_attributes(std::string& out, const Attributes& attributes) {
  for (const Attribute& a : attributes) {
    out += "a=" + a.name;
    if (!a.value.empty()) out += ":" + a.value;
    out += "\r\n";
  }
}

}  // namespace

const std::string* Attributes::find(std::string_view name) const {
  for (const Attribute& a : list_)
    if (a.name == name) return &a.value;
  return nullptr;
}

Result<SessionDescription, Error> SessionDescription::parse(std::string_view text) { return Parser(true).run(text); }

Result<SessionDescription, Error> SessionDescription::parse_fragment(std::string_view text) {
  return Parser(false).run(text);
}

std::string SessionDescription::text() const {
  std::string out = "v=0\r\no=" + origin + "\r\ns=" + session_name + "\r\n";
  if (!connection.empty()) out += "c=" + connection + "\r\n";
  out += "t=0 0\r\n";
  write_attributes(out, attributes);
  for (const MediaSection& section : media) {
    out += fmt::format("m={} {} {}", section.kind, section.port, section.protocol);
    for (const std::string& format : section.formats) out += " " + format;
    out += "\r\n";
    if (!section.connection.empty()) out += "c=" + section.connection + "\r\n";
    write_attributes(out, section.attributes);
  }
  return out;
}

}  // namespace footlight::sdp
