#include "app/config.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "app/key_table.h"
#include "base/check.h"
#include "base/socket_address.h"

namespace footlight::app {
namespace {

// What a sentence calls the place a value came from.
std::string where(ConfigSource source, std::string_view key) {
  switch (source) {
    case ConfigSource::kCommandLine:
      return fmt::format("--{}", key);
    case ConfigSource::kEnvironment:
      return fmt::format("{} ({})", key, environment_name(key));
    case ConfigSource::kFile:
      return fmt::format("{} in the configuration file", key);
    case ConfigSource::kDefault:
      return std::string(key);
  }
  return std::string(key);
}

std::string shown(const ConfigKey& key, std::string_view value) { return key.secret ? "…" : std::string(value); }

Result<void, Error> check_number(const ConfigKey& key, const std::string& value, const std::string& place) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  bool whole = error == std::errc{} && end == value.data() + value.size();
  if (whole && number >= key.min && number <= key.max) return {};
  std::string unit = key.unit.empty() ? "" : fmt::format(" {}", key.unit);
  std::string bounds = key.max == std::numeric_limits<int64_t>::max() ? fmt::format("at least {}", key.min)
                                                                      : fmt::format("from {} to {}", key.min, key.max);
  return fail(fmt::format("{} is '{}', but must be a whole number {}{}.", place, value, bounds, unit));
}

Result<void, Error> check_choice(const ConfigKey& key, const std::string& value, const std::string& place) {
  std::string_view rest = key.choices;
  while (!rest.empty()) {
    size_t bar = rest.find('|');
    if (rest.substr(0, bar) == value) return {};
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  std::string choices(key.choices);
  for (size_t at = choices.find('|'); at != std::string::npos; at = choices.find('|')) choices.replace(at, 1, ", ");
  return fail(fmt::format("{} is '{}', but must be one of {}.", place, value, choices));
}

bool is_web_address(std::string_view value) {
  for (std::string_view scheme : {"https://", "http://"})
    if (value.starts_with(scheme)) return value.size() > scheme.size() && value[scheme.size()] != '/';
  return false;
}

Result<void, Error> check_value(const ConfigKey& key, const std::string& value, ConfigSource source) {
  std::string place = where(source, key.name);
  if (key.name == "database.url" && (value.starts_with("postgres:") || value.starts_with("postgresql:")))
    return fail(
        fmt::format("{} names PostgreSQL (postgres://), which comes with scale-out in a later version; use "
                    "sqlite:PATH or leave it out.",
                    place));
  if (key.name == "database.url" && !value.empty() && (!value.starts_with("sqlite:") || value == "sqlite:"))
    return fail(fmt::format("{} is '{}', but must be sqlite:PATH; leave it out for the default.", place, value));
  if (key.name.ends_with(".public_url") && !value.empty() && !is_web_address(value))
    return fail(fmt::format("{} is '{}', but must be a URL such as https://live.example.org.", place, value));
  if (key.type == ConfigType::kInt) return check_number(key, value, place);
  if (key.type == ConfigType::kBool && value != "true" && value != "false")
    return fail(fmt::format("{} is '{}', but must be true or false.", place, shown(key, value)));
  if (!key.choices.empty()) return check_choice(key, value, place);
  return {};
}

Error unknown_key(std::string_view name, ConfigSource source) {
  std::string_view section = name.substr(0, name.find('.'));
  if (is_later_section(section))
    return {fmt::format("{} belongs to a later version of Footlight: this one has no {}; leave it out.",
                        where(source, name), section)};
  return {fmt::format("{} is not a key that Footlight knows; `footlight config` lists them all.", where(source, name))};
}

}  // namespace

std::string_view name_of(ConfigSource source) {
  switch (source) {
    case ConfigSource::kDefault:
      return "default";
    case ConfigSource::kFile:
      return "file";
    case ConfigSource::kEnvironment:
      return "environment";
    case ConfigSource::kCommandLine:
      return "command line";
  }
  return "default";
}

Result<Config, Error> Config::resolve(const ConfigLayer& command_line, const ConfigLayer& environment,
                                      const ConfigLayer& file) {
  Config config;
  for (const ConfigKey& key : all_keys())
    config.values_.emplace(key.name, Value{std::string(key.fallback), ConfigSource::kDefault});
  const std::pair<const ConfigLayer&, ConfigSource> layers[] = {{file, ConfigSource::kFile},
                                                                {environment, ConfigSource::kEnvironment},
                                                                {command_line, ConfigSource::kCommandLine}};
  for (const auto& [layer, source] : layers)
    for (const auto& [name, text] : layer) {
      const ConfigKey* key = find_key(name);
      if (key == nullptr) return unexpected(unknown_key(name, source));
      if (auto checked = check_value(*key, text, source); !checked) return unexpected(checked.error());
      config.values_.find(name)->second = {text, source};
    }
  if (config.text("http.tls_cert").empty() != config.text("http.tls_key").empty())
    return fail("http.tls_cert and http.tls_key belong together: give both, or neither.");
  for (const std::string& address : config.list("media.announce"))
    if (!SocketAddress::from_ip(address, 0))
      return fail(fmt::format("{} names '{}', but must list IP addresses without a port.",
                              where(config.source("media.announce"), "media.announce"), address));
  return config;
}

const Config::Value& Config::value(std::string_view name) const {
  auto found = values_.find(name);
  CHECK(found != values_.end());
  return found->second;
}

const std::string& Config::text(std::string_view name) const { return value(name).text; }
ConfigSource Config::source(std::string_view name) const { return value(name).source; }

int64_t Config::number(std::string_view name) const {
  const std::string& written = text(name);
  int64_t number = 0;
  auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
  CHECK(error == std::errc{});
  return number;
}

std::vector<std::string> Config::list(std::string_view name) const {
  std::vector<std::string> out;
  std::string_view rest = text(name);
  while (!rest.empty()) {
    size_t comma = rest.find(',');
    std::string_view item = rest.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return out;
}

Config Config::with(std::string_view name, std::string text) const {
  Config copy = *this;
  auto found = copy.values_.find(name);
  CHECK(found != copy.values_.end());
  found->second.text = std::move(text);
  return copy;
}

std::string environment_name(std::string_view key) {
  std::string name = "FOOTLIGHT_";
  for (char c : key) name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  return name;
}

ConfigLayer environment_layer(const char* const* entries) {
  ConfigLayer layer;
  for (; *entries != nullptr; ++entries) {
    std::string_view entry = *entries;
    size_t equals = entry.find('=');
    if (!entry.starts_with("FOOTLIGHT_") || equals == std::string_view::npos) continue;
    std::string rest(entry.substr(10, equals - 10));
    std::ranges::transform(rest, rest.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    size_t underscore = rest.find('_');
    if (underscore == std::string::npos) continue;
    std::string section = rest.substr(0, underscore);
    bool known = is_later_section(section) || std::ranges::any_of(all_keys(), [&](const ConfigKey& key) {
                   return key.name.starts_with(section + ".");
                 });
    if (known) layer[section + "." + rest.substr(underscore + 1)] = entry.substr(equals + 1);
  }
  return layer;
}

}  // namespace footlight::app
