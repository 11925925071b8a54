#pragma once
#include <memory>
#include <string>
#include <vector>

#include "relay/producer.h"
#include "state/programme.h"

namespace footlight::relay {

// What one publisher (a WHIP session, or the pipe with the programme) brings into a stream: its producers, and how
// each would travel on a pipe to compose. Owned by the publisher; the stream and consumers only point to it.
struct Publication {
  struct Track {
    std::unique_ptr<Producer> producer;
    state::PipeTrack pipe;
  };
  std::string owner;  // session or pipe id
  bool from_pipe = false;
  std::vector<Track> tracks;  // at most one of each kind
};

}  // namespace footlight::relay
