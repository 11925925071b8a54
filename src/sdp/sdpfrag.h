#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sdp/negotiate.h"

namespace footlight::sdp {

// An application/trickle-ice-sdpfrag body (RFC 8840 §9), as WHIP's PATCH carries it.
struct SdpFrag {
  std::string ice_ufrag;  // new ones mean an ICE restart; both or neither
  std::string ice_pwd;
  std::vector<std::string> candidates;  // what follows "a=candidate:"; ICE-lite only counts them
  bool end_of_candidates = false;
  std::string mid;         // of the first m= section; the answer names it again
  std::string media_line;  // its m= line without "m="; empty: none

  [[nodiscard]] static Result<SdpFrag, Error> parse(std::string_view text);
};

// The answer to a restart: our new credentials and candidates, all there are.
[[nodiscard]] std::string write_sdpfrag(const SdpFrag& request, const LocalParameters& local);

}  // namespace footlight::sdp
