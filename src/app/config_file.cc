#include <fmt/core.h>
#include <toml++/toml.h>

#include "app/config.h"

namespace footlight::app {
namespace {

Result<std::string, Error> value_text(const toml::node& node, const std::string& name) {
  if (auto text = node.value_exact<std::string>()) return *text;
  if (auto number = node.value_exact<int64_t>()) return std::to_string(*number);
  if (auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  if (const toml::array* items = node.as_array()) {
    std::string joined;
    for (const toml::node& item : *items) {
      auto text = value_text(item, name);
      if (!text) return text;
      joined += (joined.empty() ? "" : ",") + *text;
    }
    return joined;
  }
  return fail(
      fmt::format("{} in the configuration file must be text, a whole number, true or false, or a list.", name));
}

}  // namespace

Result<ConfigLayer, Error> file_layer(const std::string& path) {
  ConfigLayer layer;
  try {
    toml::table table = toml::parse_file(path);
    for (const auto& [section, content] : table) {
      std::string section_name(section.str());
      const toml::table* keys = content.as_table();
      if (keys == nullptr)
        return fail(fmt::format("{} in {} stands outside a section; write it as [section] and key = value.",
                                section_name, path));
      for (const auto& [key, node] : *keys) {
        std::string name = section_name + "." + std::string(key.str());
        auto text = value_text(node, name);
        if (!text) return unexpected(text.error());
        layer.emplace(name, std::move(*text));
      }
    }
  } catch (const toml::parse_error& e) {
    if (e.source().begin.line == 0) return fail(fmt::format("The configuration file {} cannot be read.", path));
    return fail(fmt::format("The configuration file {} is not TOML at line {}: {}.", path, e.source().begin.line,
                            e.description()));
  }
  return layer;
}

}  // namespace footlight::app
