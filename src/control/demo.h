#pragma once
#include "control/parts.h"

namespace footlight::control {

inline constexpr const char* kDemoEvent = "demo";
inline constexpr const char* kTestSource = "test-picture";

// Makes the demo event live with the test picture on stage (CONTRACT §2), whatever became of it; once a start of the
// node. Within a change.
void stage_demo(Parts& parts);

}  // namespace footlight::control
