#include "control/openapi.h"

namespace footlight::control {
namespace {

constexpr unsigned char kText[] = {
#embed "openapi.yaml"
};

}  // namespace

std::string openapi_text() { return std::string(reinterpret_cast<const char*>(kText), sizeof kText); }

}  // namespace footlight::control
