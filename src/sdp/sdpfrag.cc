#include "sdp/sdpfrag.h"

#include "sdp/answer.h"
#include "sdp/ice_credentials.h"
#include "sdp/session_description.h"

namespace footlight::sdp {
namespace {

void read_attributes(const Attributes& attributes, SdpFrag& out) {
  for (const Attribute& a : attributes) {
    if (a.name == "ice-ufrag") out.ice_ufrag = a.value;
    if (a.name == "ice-pwd") out.ice_pwd = a.value;
    if (a.name == "candidate") out.candidates.push_back(a.value);
    if (a.name == "end-of-candidates") out.end_of_candidates = true;
  }
}

}  // namespace

Result<SdpFrag, Error> SdpFrag::parse(std::string_view text) {
  auto description = SessionDescription::parse_fragment(text);
  if (!description) return fail("The fragment cannot be read: " + description.error().message + ".");
  SdpFrag frag;
  read_attributes(description->attributes, frag);
  for (const MediaSection& section : description->media) read_attributes(section.attributes, frag);
  if (!description->media.empty()) {
    const MediaSection& first = description->media.front();
    frag.mid = first.mid;
    frag.media_line = first.kind + " 9 " + first.protocol + " " + first.formats.front();
  }
  if (frag.ice_ufrag.empty() != frag.ice_pwd.empty())
    return fail("The fragment has only one of a=ice-ufrag and a=ice-pwd.");
  if (!frag.ice_ufrag.empty() && !are_ice_credentials(frag.ice_ufrag, frag.ice_pwd))
    return fail("The fragment's a=ice-ufrag and a=ice-pwd are not valid.");
  if (frag.ice_ufrag.empty() && frag.candidates.empty() && !frag.end_of_candidates)
    return fail("The fragment has neither candidates nor ICE credentials.");
  return frag;
}

std::string write_sdpfrag(const SdpFrag& request, const LocalParameters& local) {
  std::string out = "a=ice-lite\r\na=ice-options:trickle\r\n";
  out += "a=ice-ufrag:" + local.ice_ufrag + "\r\na=ice-pwd:" + local.ice_pwd + "\r\n";
  if (!request.media_line.empty()) out += "m=" + request.media_line + "\r\n";
  if (!request.mid.empty()) out += "a=mid:" + request.mid + "\r\n";
  for (const std::string& candidate : candidate_values(local)) out += "a=candidate:" + candidate + "\r\n";
  out += "a=end-of-candidates\r\n";
  return out;
}

}  // namespace footlight::sdp
