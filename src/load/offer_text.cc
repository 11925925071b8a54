#include "load/offer_text.h"

#include <fmt/core.h>

#include <array>
#include <string_view>

namespace footlight::load {
namespace {

struct VideoFormat {
  int payload_type;
  std::string_view encoding;
  std::string_view fmtp;  // empty: none
};

// What Chromium 156 offers to receive (src/sdp/testdata/chromium_whep.sdp), fewer H.264 entries: a server that has only
// one profile finds it. RTX is the next number each.
constexpr std::array<VideoFormat, 8> kWatched = {{
    {96, "VP8", ""},
    {102, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"},
    {104, "H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"},
    {106, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
    {112, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"},
    {114, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f"},
    {98, "VP9", "profile-id=0"},
    {45, "AV1", "level-idx=5;profile=0;tier=0"},
}};
constexpr std::array<VideoFormat, 1> kSent = {
    {{96, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"}}};

// RFC 8445 §5.1.2.1 with type preference 126, local preference 65535, component 1.
constexpr uint32_t kHostPriority = 126U << 24 | 65535U << 8 | 255U;

std::string session_lines(const OfferIdentity& identity) {
  return fmt::format(
      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=ice-options:ice2\r\n"
      "a=msid-semantic: WMS *\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:{}\r\na=setup:actpass\r\n",
      identity.ice.ufrag, identity.ice.password.reveal(), identity.fingerprint.to_string());
}

std::string section_lines(const char* mid, const char* direction) {
  return fmt::format(
      "c=IN IP4 0.0.0.0\r\na=mid:{}\r\na={}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
      "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
      "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
      mid, direction);
}

std::string candidate_lines(const SocketAddress& at) {
  return fmt::format("a=candidate:1 1 udp {} {} {} typ host\r\na=end-of-candidates\r\n", kHostPriority, at.ip_string(),
                     at.port());
}

std::string audio_lines(const OfferIdentity& identity, const char* direction) {
  return "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + section_lines("0", direction) +
         "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n" +
         candidate_lines(identity.host_candidate);
}

template <size_t kCount>
std::string video_lines(const std::array<VideoFormat, kCount>& formats, const char* direction) {
  std::string m = "m=video 9 UDP/TLS/RTP/SAVPF";
  std::string maps;
  for (const VideoFormat& f : formats) {
    int pt = f.payload_type;
    m += fmt::format(" {} {}", pt, pt + 1);
    maps += fmt::format(
        "a=rtpmap:{0} {1}/90000\r\na=rtcp-fb:{0} transport-cc\r\na=rtcp-fb:{0} ccm fir\r\na=rtcp-fb:{0} nack\r\n"
        "a=rtcp-fb:{0} nack pli\r\n",
        pt, f.encoding);
    if (!f.fmtp.empty()) maps += fmt::format("a=fmtp:{} {}\r\n", pt, f.fmtp);
    maps += fmt::format("a=rtpmap:{} rtx/90000\r\na=fmtp:{} apt={}\r\n", pt + 1, pt + 1, pt);
  }
  return m + "\r\n" + section_lines("1", direction) + maps;
}

}  // namespace

std::string write_viewer_offer(const OfferIdentity& identity) {
  return session_lines(identity) + audio_lines(identity, "recvonly") + video_lines(kWatched, "recvonly");
}

std::string write_publisher_offer(const OfferIdentity& identity, const SentSsrcs& ssrcs) {
  std::string audio = audio_lines(identity, "sendonly");
  std::string video = video_lines(kSent, "sendonly");
  for (auto [text, kind] : {std::pair(&audio, "audio"), std::pair(&video, "video")})
    *text += fmt::format("a=msid:bench {}\r\n", kind);
  audio += fmt::format("a=ssrc:{0} cname:bench\r\na=ssrc:{0} msid:bench audio\r\n", ssrcs.audio.value());
  video += fmt::format("a=ssrc-group:FID {} {}\r\n", ssrcs.video.value(), ssrcs.rtx.value());
  for (rtp::Ssrc ssrc : {ssrcs.video, ssrcs.rtx})
    video += fmt::format("a=ssrc:{0} cname:bench\r\na=ssrc:{0} msid:bench video\r\n", ssrc.value());
  return session_lines(identity) + audio + video;
}

}  // namespace footlight::load
