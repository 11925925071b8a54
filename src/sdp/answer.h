#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/negotiate.h"
#include "sdp/offer.h"

namespace footlight::sdp {

enum class Direction { kReceive, kSend };  // ours

// Builds the text of an answer section by section, in the order of the offer (RFC 9429 §5.3.1): what WHIP and WHEP
// share. Lives inside one negotiation.
class Answer {
 public:
  Answer(const Offer& offer, const LocalParameters& local, Direction direction)
      : offer_(offer), local_(local), direction_(direction) {}

  // Port 0, outside the bundle.
  void reject(const OfferedMedia& section);
  // Transport, codec, extension and direction lines; what depends on the direction is the caller's to add.
  MediaSection& accept(const OfferedMedia& section, const AgreedCodec& codec, const rtp::ExtensionMap& extensions);
  // a=candidate and a=end-of-candidates stand in the first accepted section.
  [[nodiscard]] std::string text() const;

 private:
  const Offer& offer_;
  const LocalParameters& local_;
  Direction direction_;
  std::vector<MediaSection> media_;
  std::vector<std::string> accepted_mids_;
  bool has_candidates_ = false;
};

// RFC 8839 §5.1 candidate-attribute of each local candidate, without "candidate:".
[[nodiscard]] std::vector<std::string> candidate_values(const LocalParameters& local);

// The ids of `wanted` extensions that the offer has for our direction; transport-cc only where its feedback was
// offered, too; dependency descriptors for AV1 only: libwebrtc strips VP8's own numbers where it may send them.
[[nodiscard]] rtp::ExtensionMap agree_extensions(const OfferedMedia& section, const OfferedCodec& codec,
                                                 Direction direction, std::span<const rtp::ExtensionType> wanted);
// Name, payload types and feedback; fmtp is the caller's.
[[nodiscard]] AgreedCodec agree_codec(media::Codec codec, const OfferedCodec& offered,
                                      const rtp::ExtensionMap& extensions);

// Several sections without BUNDLE would be several transports.
[[nodiscard]] NegotiateError several_transports();

// "H264, VP8" — what a section offers, for a sentence.
[[nodiscard]] std::string names_of(const std::vector<OfferedCodec>& codecs);

}  // namespace footlight::sdp
