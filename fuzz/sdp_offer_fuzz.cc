// rooms: sdp
#include "base/check.h"
#include "sdp/negotiate.h"
#include "sdp/relayed_candidates.h"
#include "sdp/sdpfrag.h"
#include "sdp/session_description.h"

// One text as a publisher's offer, a viewer's offer and a trickle fragment. What is answered must itself be readable.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace footlight;
  using namespace footlight::sdp;
  static const LocalParameters local{
      "1", "ufrag", "passwordpasswordpassword", "AB:CD", {{"127.0.0.1", 7000}, {"::1", 7000, true}}};
  static const AvailableTrack audio{media::Codec::kOpus, 48000, 2, "", rtp::Ssrc(3), {}};
  static const AvailableStream streams[] = {
      {{{media::Codec::kH264, 90000, 0, "packetization-mode=1", rtp::Ssrc(1), rtp::Ssrc(2)}, audio}, "cname", "msid"},
      {{{media::Codec::kVp9, 90000, 0, "profile-id=0", rtp::Ssrc(1), {}}, audio}, "cname", "msid"},
      {{{media::Codec::kAv1, 90000, 0, "profile=0", rtp::Ssrc(1), {}}, audio}, "cname", "msid"}};
  std::string_view text = as_text({data, size});
  if (auto a = negotiate_publish(text, local)) {
    CHECK(!a->tracks.empty() && !a->remote.fingerprints.empty());
    for (const PublishTrack& track : a->tracks) CHECK(track.rids.size() <= kMaxLayers);
    CHECK(SessionDescription::parse(a->answer));
  } else {
    CHECK(!a.error().sentence.empty());
  }
  for (const AvailableStream& stream : streams) {
    auto a = negotiate_subscribe(text, local, stream);
    if (!a) continue;
    CHECK(!a->tracks.empty());
    CHECK(SessionDescription::parse(a->answer));
  }
  if (auto frag = SdpFrag::parse(text)) CHECK(SdpFrag::parse(write_sdpfrag(*frag, local)));
  CHECK(relayed_candidates(text).size() <= kMaxRelayedCandidates);
  return 0;
}
