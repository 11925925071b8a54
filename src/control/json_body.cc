#include "control/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace footlight::control {
namespace {

using Json = nlohmann::json;

// Deep enough for every document of the API; a deeper one is refused before it costs memory.
constexpr int kMaxDepth = 16;

bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

void Faults::unreadable(std::string detail) {
  if (!unreadable_) unreadable_ = Fault{400, std::move(detail)};
}
void Faults::impossible(std::string detail) {
  if (!impossible_) impossible_ = Fault{422, std::move(detail)};
}
std::optional<Fault> Faults::first() const { return unreadable_ ? unreadable_ : impossible_; }

Fields::Fields(Faults& faults, const Json& object, std::string path, std::initializer_list<std::string_view> known)
    : faults_(faults), object_(object), path_(path.empty() ? "" : path + ".") {
  for (const auto& item : object.items())
    if (std::find(known.begin(), known.end(), item.key()) == known.end())
      faults_.unreadable(fmt::format("The field `{}{}` cannot be set here.", path_, item.key()));
}

const Json* Fields::find(std::string_view name) const {
  const auto it = object_.find(std::string(name));
  return it == object_.end() ? nullptr : &*it;
}

bool Fields::has(std::string_view name) const { return find(name) != nullptr; }
bool Fields::is_null(std::string_view name) const {
  const Json* j = find(name);
  return j != nullptr && j->is_null();
}

void Fields::impossible(std::string_view name, std::string_view what) const {
  faults_.impossible(fmt::format("`{}{}` {}.", path_, name, what));
}

std::optional<std::string> Fields::text(std::string_view name, size_t max_characters, bool may_be_empty) const {
  const Json* j = find(name);
  if (j == nullptr) return std::nullopt;
  if (!j->is_string()) {
    impossible(name, "must be a text");
    return std::nullopt;
  }
  const auto& value = j->get_ref<const std::string&>();
  if (value.empty() && may_be_empty) return value;
  if (count_characters(value) <= max_characters && is_printable(value)) return value;
  impossible(name, fmt::format("must be 1 to {} characters, without control characters", max_characters));
  return std::nullopt;
}

std::optional<std::string> Fields::choice(std::string_view name,
                                          std::initializer_list<std::string_view> choices) const {
  const Json* j = find(name);
  if (j == nullptr) return std::nullopt;
  if (j->is_string()) {
    const auto& value = j->get_ref<const std::string&>();
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  }
  impossible(name, fmt::format("must be one of {}", fmt::join(choices, ", ")));
  return std::nullopt;
}

std::optional<int64_t> Fields::integer(std::string_view name, int64_t min, int64_t max) const {
  const Json* j = find(name);
  if (j == nullptr) return std::nullopt;
  // Numbers beyond int64_t arrive as uint64_t or double and are out of bounds anyway.
  if (j->is_number_integer() && !(j->is_number_unsigned() && j->get<uint64_t>() > INT64_MAX)) {
    const auto value = j->get<int64_t>();
    if (value >= min && value <= max) return value;
  }
  impossible(name, fmt::format("must be a whole number from {} to {}", min, max));
  return std::nullopt;
}

std::optional<double> Fields::number(std::string_view name, double min, double max) const {
  const Json* j = find(name);
  if (j == nullptr) return std::nullopt;
  if (j->is_number()) {
    const auto value = j->get<double>();
    if (value >= min && value <= max) return value;
  }
  impossible(name, fmt::format("must be a number from {} to {}", min, max));
  return std::nullopt;
}

std::optional<bool> Fields::flag(std::string_view name) const {
  const Json* j = find(name);
  if (j == nullptr) return std::nullopt;
  if (j->is_boolean()) return j->get<bool>();
  impossible(name, "must be true or false");
  return std::nullopt;
}

const Json* Fields::object(std::string_view name) const {
  const Json* j = find(name);
  if (j == nullptr || j->is_object()) return j;
  impossible(name, "must be an object");
  return nullptr;
}

const Json* Fields::array(std::string_view name) const {
  const Json* j = find(name);
  if (j == nullptr || j->is_array()) return j;
  impossible(name, "must be a list");
  return nullptr;
}

Result<Json, Fault> parse_object(std::string_view text) {
  if (text.empty()) return Json::object();
  if (too_deep(text)) return unexpected(Fault{400, "The body is nested too deeply."});
  auto j = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (j.is_discarded()) return unexpected(Fault{400, "The body is not readable as JSON."});
  if (!j.is_object()) return unexpected(Fault{400, "The body must be a JSON object."});
  return j;
}

size_t count_characters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_printable(std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7F;
  });
  return !control && is_utf8(text) && text.find_first_not_of(' ') != std::string_view::npos;
}

}  // namespace footlight::control
