#pragma once
#include <span>

#include "relay/consumer.h"
#include "relay/publication.h"

namespace footlight::relay {

// Takes one decrypted RTCP compound apart and hands each message to the producer or consumer that it names, and
// transport-wide feedback to the path; messages for other SSRCs are passed over. False when it is no RTCP.
bool dispatch_rtcp(ByteView compound, Publication* publication, std::span<const std::unique_ptr<Consumer>> consumers,
                   Timestamp now, SendPath* path = nullptr);

}  // namespace footlight::relay
