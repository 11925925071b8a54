#pragma once
// For tests: the offer of a peer in memory.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "dtls/fingerprint.h"
#include "ice/credentials.h"
#include "rtp/header_extensions.h"
#include "rtp/types.h"

namespace footlight::relay::test {

struct PeerOptions {
  bool publishes = false;
  std::string video = "H264";  // or "VP8"; empty: audio only
  int h264_mode = 1;           // packetization-mode
  bool ssrc_lines = true;      // publish: a=ssrc in the offer; else only MID and payload types tell
  bool rtx = true;
  std::vector<std::string> rids = {};  // publish: layers of a simulcast (RFC 8853), as Chromium offers them
  bool red = false;                    // RED (RFC 2198) around Opus, type 63
  bool all_extensions = false;         // those of the source's that a receiver may get, ids 7 to 12
};

// The ids that write_offer() gives, as far as peers read and write them themselves.
inline const rtp::ExtensionMap& offered_extensions() {
  static const rtp::ExtensionMap offered = [] {
    rtp::ExtensionMap map;
    map.set(rtp::ExtensionType::kMid, 4);
    map.set(rtp::ExtensionType::kTransportSequence, 3);
    map.set(rtp::ExtensionType::kAudioLevel, 7);
    map.set(rtp::ExtensionType::kAbsCaptureTime, 8);
    map.set(rtp::ExtensionType::kVideoOrientation, 9);
    map.set(rtp::ExtensionType::kPlayoutDelay, 10);
    return map;
  }();
  return offered;
}

struct OfferedSsrcs {
  rtp::Ssrc audio;
  rtp::Ssrc video;
  rtp::Ssrc rtx;
};

inline std::string write_offer(const PeerOptions& options, const ice::Credentials& local,
                               const dtls::Fingerprint& fingerprint, const OfferedSsrcs& ssrcs) {
  std::string sdp = fmt::format(
      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0{}\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\n"
      "a=fingerprint:{}\r\na=setup:actpass\r\n",
      options.video.empty() ? "" : " 1", local.ufrag, local.password.reveal(), fingerprint.to_string());
  const char* direction = options.publishes ? "sendonly" : "recvonly";
  const char* common =
      "a=rtcp-mux\r\na=rtcp-rsize\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
      "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
      "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n";
  const char* more = options.all_extensions
                         ? "a=extmap:7 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
                           "a=extmap:8 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time\r\n"
                           "a=extmap:9 urn:3gpp:video-orientation\r\n"
                           "a=extmap:10 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
                         : "";
  sdp += fmt::format(
      "m=audio 9 UDP/TLS/RTP/SAVPF {}111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na={}\r\n{}{}a=rtpmap:111 opus/48000/2\r\n"
      "a=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n",
      options.red ? "63 " : "", direction, common, more);
  if (options.red) sdp += "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n";
  if (options.publishes && options.ssrc_lines) sdp += fmt::format("a=ssrc:{} cname:c\r\n", ssrcs.audio.value());
  if (options.video.empty()) return sdp;
  sdp += fmt::format(
      "m=video 9 UDP/TLS/RTP/SAVPF 96{}\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na={}\r\n{}{}a=rtpmap:96 {}/90000\r\n"
      "a=rtcp-fb:96 transport-cc\r\na=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n",
      options.rtx ? " 97" : "", direction, common, more, options.video);
  if (options.video == "H264")
    sdp += fmt::format("a=fmtp:96 level-asymmetry-allowed=1;packetization-mode={};profile-level-id=42e01f\r\n",
                       options.h264_mode);
  if (options.rtx) sdp += "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n";
  if (!options.rids.empty()) {
    sdp +=
        "a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
        "a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";
    for (const std::string& rid : options.rids) sdp += fmt::format("a=rid:{} send\r\n", rid);
    return sdp + fmt::format("a=simulcast:send {}\r\n", fmt::join(options.rids, ";"));
  }
  if (options.publishes && options.ssrc_lines) {
    if (options.rtx) sdp += fmt::format("a=ssrc-group:FID {} {}\r\n", ssrcs.video.value(), ssrcs.rtx.value());
    sdp += fmt::format("a=ssrc:{} cname:c\r\n", ssrcs.video.value());
    if (options.rtx) sdp += fmt::format("a=ssrc:{} cname:c\r\n", ssrcs.rtx.value());
  }
  return sdp;
}

}  // namespace footlight::relay::test
