#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/negotiate.h"
#include "sdp/offer.h"

namespace footlight::sdp {

// Builds the text of an answer section by section, in the order of the offer (RFC 9429 §5.3.1): what WHIP and WHEP
// share. Lives inside one negotiation.
class Answer {
 public:
  Answer(const Offer& offer, const LocalParameters& local) : offer_(offer), local_(local) {}

  // Port 0, outside the bundle.
  void reject(const OfferedMedia& section);
  // Transport, codec and extension lines; direction and what depends on it is the caller's to add.
  MediaSection& accept(const OfferedMedia& section, const AgreedCodec& codec, const rtp::ExtensionMap& extensions);
  // a=candidate and a=end-of-candidates stand in the first accepted section.
  [[nodiscard]] std::string text() const;

 private:
  const Offer& offer_;
  const LocalParameters& local_;
  std::vector<MediaSection> media_;
  std::vector<std::string> accepted_mids_;
  bool has_candidates_ = false;
};

// RFC 8839 §5.1 candidate-attribute of each local candidate, without "candidate:".
[[nodiscard]] std::vector<std::string> candidate_values(const LocalParameters& local);

// The ids of `wanted` extensions that the offer has; transport-cc only where its feedback was offered, too.
[[nodiscard]] rtp::ExtensionMap agree_extensions(const OfferedMedia& section, const OfferedCodec& codec,
                                                 std::span<const rtp::ExtensionType> wanted);
// Name, payload types and feedback; fmtp is the caller's.
[[nodiscard]] AgreedCodec agree_codec(media::Codec codec, const OfferedCodec& offered,
                                      const rtp::ExtensionMap& extensions);

// Several sections without BUNDLE would be several transports.
[[nodiscard]] NegotiateError several_transports();

// "H264, VP8" — what a section offers, for a sentence.
[[nodiscard]] std::string names_of(const std::vector<OfferedCodec>& codecs);

}  // namespace footlight::sdp
