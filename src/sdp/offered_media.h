#pragma once
#include "sdp/offer.h"

namespace footlight::sdp {

// One m= section of an offer. Attributes that make no sense are passed over: what is missing then decides.
[[nodiscard]] OfferedMedia read_offered_media(const MediaSection& section, const Attributes& session);

}  // namespace footlight::sdp
