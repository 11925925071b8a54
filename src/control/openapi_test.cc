#include "control/openapi.h"

#include <gtest/gtest.h>

#include "control/api.h"

namespace footlight::control {
namespace {

TEST(Openapi, every_call_of_the_tables_stands_in_the_document) {
  const auto text = openapi_text();
  for (const auto& table : {event_calls(), token_calls(), source_calls(), stats_calls(), unbuilt_calls()})
    for (const ApiCall& call : table)
      EXPECT_NE(text.find("\n  " + std::string(call.pattern) + ":"), std::string::npos) << call.pattern;
}

}  // namespace
}  // namespace footlight::control
