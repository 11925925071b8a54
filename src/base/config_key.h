#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace footlight {

enum class ConfigType {
  kString,
  kInt,   // whole number within [min, max]; durations are ints whose unit says "ms" or "s"
  kBool,  // true | false
  kList,  // strings separated by commas on the command line and in the environment, an array in TOML
};

// One configuration key. Each folder that has keys declares them in its `config.h` as
//   inline constexpr ConfigKey kConfigKeys[] = {{.name = "hls.part_ms", .type = ConfigType::kInt, .fallback = "200",
//   …}};
// Only app/ reads files, the environment and the command line; it checks type, bounds and choices, and hands the folder
// plain values. The text given here is also the documentation (docs/configuration.md is generated from it).
struct ConfigKey {
  std::string_view name;  // "section.key"
  ConfigType type = ConfigType::kString;
  std::string_view fallback;                          // the default, written as on the command line; empty: none
  std::string_view unit;                              // "ms", "s", "bytes"; empty: none
  int64_t min = std::numeric_limits<int64_t>::min();  // kInt only, inclusive
  int64_t max = std::numeric_limits<int64_t>::max();
  std::string_view choices;  // kString only: "a|b|c"; empty: any text
  std::string_view help;     // one sentence
  bool secret = false;       // its value is never printed
};

using ConfigKeys = std::span<const ConfigKey>;

}  // namespace footlight
