#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "control/keyring.h"
#include "control/repository.h"
#include "state/desired.h"

namespace footlight::control {

// Writes desired state from what the repository holds: pure reading, the same rows give the same documents. Owned by
// Control. Generations are the server's.
class DesiredDocuments {
 public:
  struct Options {
    state::HlsTiming hls;
    int64_t window_s = 14400;
  };
  DesiredDocuments(Repository& repository, const Keyring& keyring, const Clock& clock, Options options);

  [[nodiscard]] state::NodeDesired node();
  [[nodiscard]] state::RelayDesired relay();
  [[nodiscard]] std::optional<state::ComposeDesired> compose(const std::string& event);
  [[nodiscard]] state::OriginDesired origin();

 private:
  [[nodiscard]] Keyring::PipeEnds ends_of(const Event& event);
  [[nodiscard]] state::RelayPipe pipe_of(const Event& event, const Keyring::PipeEnds& ends);
  [[nodiscard]] state::OriginStream stream_of(const Event& event, const std::string& relay_epoch) const;
  [[nodiscard]] std::vector<state::ComposeInput> inputs_of(const Event& event);

  Repository& repository_;
  const Keyring& keyring_;
  const Clock& clock_;
  Options options_;
};

// Where the relay's pipe socket was last observed to be.
inline constexpr std::string_view kPipeAddressSetting = "relay.pipe_address";

}  // namespace footlight::control
