#include "sdp/offered_media.h"

#include <algorithm>
#include <charconv>

namespace footlight::sdp {
namespace {

constexpr size_t kMaxSources = 16;  // Chromium's three simulcast layers with RTX are six
constexpr size_t kMaxRids = 8;
constexpr size_t kMaxRidBytes = 64;
constexpr size_t kMaxFmtpBytes = 1024;  // what is echoed must fit a line of the answer

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string_view take_until(std::string_view& text, char border) {
  size_t end = std::min(text.find(border), text.size());
  std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

// With rtcp-mux, 64 to 95 are RTCP's (RFC 5761 §4).
std::optional<rtp::PayloadType> parse_payload_type(std::string_view text) {
  auto value = parse_number<uint8_t>(text);
  if (!value || *value > 127 || (*value >= 64 && *value <= 95)) return std::nullopt;
  return rtp::PayloadType(*value);
}

// a=rtpmap:<pt> <name>/<clock>[/<channels>], RFC 8866 §6.6
std::optional<OfferedCodec> parse_rtpmap(std::string_view value) {
  auto payload_type = parse_payload_type(take_until(value, ' '));
  std::string_view name = take_until(value, '/');
  auto clock_rate = parse_number<int>(take_until(value, '/'));
  if (!payload_type || name.empty() || !clock_rate || *clock_rate <= 0) return std::nullopt;
  OfferedCodec codec;
  codec.payload_type = *payload_type;
  codec.name = name;
  codec.clock_rate = *clock_rate;
  codec.channels = parse_number<int>(value).value_or(1);
  return codec;
}

void add_feedback(Feedback& feedback, std::string_view what) {
  if (what == "nack") feedback.nack = true;
  if (what == "nack pli") feedback.nack_pli = true;
  if (what == "ccm fir") feedback.ccm_fir = true;
  if (what == "transport-cc") feedback.transport_cc = true;
}

bool is_rtx(const OfferedCodec& codec) { return same_name(codec.name, "rtx"); }
bool is_red(const OfferedCodec& codec) { return same_name(codec.name, "red"); }

// RFC 2198 §5: a=fmtp:<pt> <type>/<type>…, the new block's type and the older ones'. Only one codec repeated is taken.
bool repeats(const OfferedCodec& red, const OfferedCodec& codec) {
  if (!is_red(red) || red.clock_rate != codec.clock_rate || red.channels != codec.channels) return false;
  std::string text = red.fmtp.text();
  if (text.find('/') == std::string::npos) return false;
  std::string_view rest = text;
  while (!rest.empty())
    if (parse_payload_type(take_until(rest, '/')) != codec.payload_type) return false;
  return true;
}

class CodecList {
 public:
  void read(const MediaSection& section) {
    for (const Attribute& a : section.attributes)
      if (a.name == "rtpmap")
        if (auto codec = parse_rtpmap(a.value); codec && !find(codec->payload_type)) mapped_.push_back(*codec);
    for (const Attribute& a : section.attributes) {
      std::string_view value = a.value;
      if (a.name == "fmtp") {
        auto payload_type = parse_payload_type(take_until(value, ' '));
        OfferedCodec* codec = payload_type && value.size() <= kMaxFmtpBytes ? find(*payload_type) : nullptr;
        if (codec) codec->fmtp = FormatParameters(value);
      } else if (a.name == "rtcp-fb") {
        std::string_view which = take_until(value, ' ');
        auto payload_type = parse_payload_type(which);
        for (OfferedCodec& codec : mapped_)
          if (which == "*" || codec.payload_type == payload_type) add_feedback(codec.feedback, value);
      }
    }
  }

  // In the order of the m= line, each with the RTX entry that repairs it (RFC 4588 §8.6) and its RED entry.
  std::vector<OfferedCodec> in_order_of(const std::vector<std::string>& formats) {
    std::vector<OfferedCodec> out;
    for (const std::string& format : formats) {
      auto payload_type = parse_payload_type(format);
      OfferedCodec* codec = payload_type ? find(*payload_type) : nullptr;
      if (!codec || is_rtx(*codec) || is_red(*codec)) continue;
      for (const OfferedCodec& red : mapped_)
        if (repeats(red, *codec)) codec->red_payload_type = red.payload_type;
      for (const OfferedCodec& rtx : mapped_) {
        const std::string* apt = rtx.fmtp.find("apt");
        if (!is_rtx(rtx) || !apt || parse_payload_type(*apt) != codec->payload_type) continue;
        codec->rtx_payload_type = rtx.payload_type;
        break;
      }
      out.push_back(*codec);
    }
    return out;
  }

 private:
  OfferedCodec* find(rtp::PayloadType payload_type) {
    for (OfferedCodec& codec : mapped_)
      if (codec.payload_type == payload_type) return &codec;
    return nullptr;
  }
  std::vector<OfferedCodec> mapped_;
};

// a=extmap:<id>[/<direction>] <uri>, RFC 8285 §5. A later line of the same extension, or of a section after the
// session's, replaces the earlier one.
void read_extension(std::string_view value, std::vector<OfferedExtension>& out) {
  constexpr uint8_t kMaxOneByteId = 14;
  std::string_view head = take_until(value, ' ');
  auto id = parse_number<uint8_t>(take_until(head, '/'));
  auto type = rtp::extension_of_uri(take_until(value, ' '));
  if (!id || *id < 1 || *id > kMaxOneByteId || !type) return;
  OfferedExtension e{*type, *id, head != "recvonly" && head != "inactive", head != "sendonly" && head != "inactive",
                     !head.empty()};
  std::erase_if(out, [&](const OfferedExtension& known) { return known.type == e.type || known.id == e.id; });
  out.push_back(e);
}

// a=ssrc:<ssrc> <name>:<value> and a=ssrc-group:FID <media> <rtx>, RFC 5576 §4
void read_sources(const Attributes& attributes, OfferedMedia& out) {
  std::vector<rtp::Ssrc> repairs;
  for (const Attribute& a : attributes) {
    std::string_view value = a.value;
    if (a.name != "ssrc-group" || take_until(value, ' ') != "FID") continue;
    auto media = parse_number<uint32_t>(take_until(value, ' '));
    auto rtx = parse_number<uint32_t>(take_until(value, ' '));
    if (!media || !rtx || *media == *rtx || out.sources.size() == kMaxSources) continue;
    out.sources.push_back({rtp::Ssrc(*media), rtp::Ssrc(*rtx)});
    repairs.emplace_back(*rtx);
  }
  for (const Attribute& a : attributes) {
    if (a.name != "ssrc") continue;
    std::string_view value = a.value;
    auto number = parse_number<uint32_t>(take_until(value, ' '));
    if (!number) continue;
    if (value.starts_with("cname:") && out.cname.empty()) out.cname = value.substr(6);
    rtp::Ssrc ssrc(*number);
    bool known = std::find(repairs.begin(), repairs.end(), ssrc) != repairs.end() ||
                 std::any_of(out.sources.begin(), out.sources.end(), [&](auto& s) { return s.media == ssrc; });
    if (!known && out.sources.size() < kMaxSources) out.sources.push_back({ssrc, std::nullopt});
  }
}

// RFC 8851 §10: letters, digits, "-" and "_"
bool is_rid(std::string_view id) {
  return !id.empty() && id.size() <= kMaxRidBytes && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// a=rid:<id> send [pt=<type>,…;<restriction>;…], RFC 8851 §4
void read_rid(std::string_view value, OfferedMedia& out) {
  OfferedRid rid;
  rid.id = take_until(value, ' ');
  if (!is_rid(rid.id) || take_until(value, ' ') != "send" || out.rids.size() == kMaxRids) return;
  const FormatParameters restrictions(value);
  if (const std::string* types = restrictions.find("pt"))
    for (std::string_view rest = *types; !rest.empty();)
      if (auto type = parse_payload_type(take_until(rest, ','))) rid.payload_types.push_back(*type);
  const bool known = std::ranges::any_of(out.rids, [&](const OfferedRid& r) { return r.id == rid.id; });
  if (!known) out.rids.push_back(std::move(rid));
}

// a=simulcast:send <stream>;<stream>… [recv …], a stream being alternatives <id>,<id>…, "~" before one that is paused
// at first (RFC 8853 §5.1). A paused layer is taken like any other: its sender says when it begins.
void read_simulcast(std::string_view value, OfferedMedia& out) {
  while (!value.empty() && take_until(value, ' ') != "send") (void)take_until(value, ' ');
  for (std::string_view streams = take_until(value, ' '); !streams.empty() && out.simulcast.size() < kMaxRids;) {
    std::vector<std::string> alternatives;
    for (std::string_view stream = take_until(streams, ';'); !stream.empty() && alternatives.size() < kMaxRids;) {
      std::string_view id = take_until(stream, ',');
      if (id.starts_with('~')) id.remove_prefix(1);
      if (is_rid(id)) alternatives.emplace_back(id);
    }
    if (!alternatives.empty()) out.simulcast.push_back(std::move(alternatives));
  }
}

void read_direction(const Attributes& section, const Attributes& session, OfferedMedia& out) {
  out.sends = out.receives = true;  // sendrecv is the default (RFC 8866 §6.7)
  for (const Attributes* attributes : {&section, &session}) {
    bool send_only = attributes->has("sendonly");
    bool receive_only = attributes->has("recvonly");
    bool inactive = attributes->has("inactive");
    if (!send_only && !receive_only && !inactive && !attributes->has("sendrecv")) continue;
    out.sends = !receive_only && !inactive;
    out.receives = !send_only && !inactive;
    return;
  }
}

}  // namespace

bool OfferedRid::allows(rtp::PayloadType type) const {
  return payload_types.empty() || std::ranges::find(payload_types, type) != payload_types.end();
}

OfferedMedia read_offered_media(const MediaSection& section, const Attributes& session) {
  OfferedMedia out;
  out.mid = section.mid;
  if (section.kind == "audio") out.kind = media::Kind::kAudio;
  if (section.kind == "video") out.kind = media::Kind::kVideo;
  bool rejected = section.port == 0 && !section.attributes.has("bundle-only");  // RFC 9143 §7.3
  out.usable = out.kind && !rejected && section.protocol.ends_with("RTP/SAVPF");
  read_direction(section.attributes, session, out);
  out.reduced_size_rtcp = section.attributes.has("rtcp-rsize");
  out.mixes_extension_forms = section.attributes.has("extmap-allow-mixed") || session.has("extmap-allow-mixed");
  CodecList codecs;
  codecs.read(section);
  out.codecs = codecs.in_order_of(section.formats);
  for (const Attributes* attributes : {&session, &section.attributes})
    for (const Attribute& a : *attributes)
      if (a.name == "extmap") read_extension(a.value, out.extensions);
  read_sources(section.attributes, out);
  for (const Attribute& a : section.attributes)
    if (a.name == "rid") read_rid(a.value, out);
  if (const std::string* simulcast = section.attributes.find("simulcast")) read_simulcast(*simulcast, out);
  return out;
}

}  // namespace footlight::sdp
