#pragma once
#include <memory>
#include <string>
#include <vector>

#include "relay/producer.h"
#include "state/programme.h"

namespace footlight::relay {

// What one publisher (a WHIP or RTMP session, or a pipe) brings into a stream: its tracks, the layers of each, and how
// each track would travel on a pipe to compose. Owned by the publisher; the stream and consumers only point to it.
struct Publication {
  // One encoding of a track: the whole of it, or one of a simulcast (RFC 8853), which all show the same picture.
  struct Layer {
    std::string rid;  // empty without simulcast
    std::unique_ptr<Producer> producer;
  };
  struct Track {
    media::Kind kind{};
    std::vector<Layer> layers;  // at least one, in the publisher's order; fixed for the publication's life
    state::PipeTrack pipe;
  };
  std::string owner;  // session or pipe id
  bool from_pipe = false;
  std::vector<Track> tracks;  // at most one of each kind
};

}  // namespace footlight::relay
