#pragma once
#include <string>
#include <vector>

#include "control/model.h"

// Who stands on stage by the rules alone (CONTRACT §3, Stage); what a producer sets stands against them.
namespace footlight::control {

// The source has connected. Gives the sources whose row changed.
[[nodiscard]] std::vector<Source> stage_on_connect(Event& event, std::vector<Source>& sources, const std::string& id);

// On stage, in front of all that is there; or off.
void put_on_stage(Event& event, Source& source);
void take_off_stage(Source& source);

}  // namespace footlight::control
