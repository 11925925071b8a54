#pragma once
#include <string>
#include <vector>

#include "control/keyring.h"
#include "state/programme.h"

namespace footlight::control {

// The relay's stream that carries an event's programme.
[[nodiscard]] std::string programme_stream(std::string_view event);

// The tracks in which compose sends the programme back to the relay, and with which WHEP offers are answered.
[[nodiscard]] std::vector<state::PipeTrack> programme_tracks(const Keyring& keyring, const Keyring::PipeEnds& ends,
                                                             const state::Rendition& rung, int fps);

// profile-level-id (RFC 6184 §8.1) of Main profile at the lowest level, not below 3.0, that holds the picture.
[[nodiscard]] std::string profile_level_id(int width, int height, int fps);

}  // namespace footlight::control
