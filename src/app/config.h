#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_key.h"
#include "base/result.h"
#include "base/secret.h"

namespace footlight::app {

enum class ConfigSource { kDefault, kFile, kEnvironment, kCommandLine };
[[nodiscard]] std::string_view name_of(ConfigSource source);

// One layer of configuration: key name → value as text (lists joined by commas).
using ConfigLayer = std::map<std::string, std::string, std::less<>>;

// The values of every key, command line over environment over file over default (CONTRACT §2), checked against the
// key's type, bounds and choices. Built once at start; immutable; any thread. An unknown key, a key that a later
// version brings, or a bad value is an Error: one sentence that names key, value and mend.
class Config {
 public:
  [[nodiscard]] static Result<Config, Error> resolve(const ConfigLayer& command_line, const ConfigLayer& environment,
                                                     const ConfigLayer& file);

  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] int64_t number(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  [[nodiscard]] Secret secret(std::string_view name) const { return Secret(text(name)); }
  [[nodiscard]] ConfigSource source(std::string_view name) const;

  // A copy with a value that app itself decided (a port that was taken, --listen-all).
  [[nodiscard]] Config with(std::string_view name, std::string value) const;

 private:
  struct Value {
    std::string text;
    ConfigSource source = ConfigSource::kDefault;
  };
  [[nodiscard]] const Value& value(std::string_view name) const;
  std::map<std::string, Value, std::less<>> values_;
};

// "hls.part_ms" → "FOOTLIGHT_HLS_PART_MS".
[[nodiscard]] std::string environment_name(std::string_view key);
// The FOOTLIGHT_<SECTION>_<KEY> variables of `environ`-style entries, as key names. Variables of sections that do not
// exist are not ours and are left alone.
[[nodiscard]] ConfigLayer environment_layer(const char* const* entries);
// A TOML file's [section] key = value.
[[nodiscard]] Result<ConfigLayer, Error> file_layer(const std::string& path);

}  // namespace footlight::app
