#pragma once
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// Reading a request's JSON object strictly (CONTRACT §3): a field that is not known is 400 by its name, one that is
// known and impossible is 422 with what would be possible.
namespace footlight::control {

struct Fault {
  int status = 0;  // 400 | 422
  std::string detail;
};

// The first fault of a body, unknown fields before impossible values.
class Faults {
 public:
  void unreadable(std::string detail);
  void impossible(std::string detail);
  [[nodiscard]] std::optional<Fault> first() const;

 private:
  std::optional<Fault> unreadable_, impossible_;
};

// One object within a body. `path` names it in sentences: "" or "canvas". Reports every name outside `known` at once.
// Readers return nullopt when the field is absent or faulty; faults are collected, never thrown.
class Fields {
 public:
  Fields(Faults& faults, const nlohmann::json& object, std::string path, std::initializer_list<std::string_view> known);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] bool is_null(std::string_view name) const;
  // 1 to `max_characters` characters (code points), no control characters, not only blanks.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, size_t max_characters,
                                                bool may_be_empty = false) const;
  [[nodiscard]] std::optional<std::string> choice(std::string_view name,
                                                  std::initializer_list<std::string_view> choices) const;
  [[nodiscard]] std::optional<int64_t> integer(std::string_view name, int64_t min, int64_t max) const;
  [[nodiscard]] std::optional<double> number(std::string_view name, double min, double max) const;
  [[nodiscard]] std::optional<bool> flag(std::string_view name) const;
  [[nodiscard]] const nlohmann::json* object(std::string_view name) const;
  [[nodiscard]] const nlohmann::json* array(std::string_view name) const;
  void impossible(std::string_view name, std::string_view what) const;

 private:
  [[nodiscard]] const nlohmann::json* find(std::string_view name) const;
  Faults& faults_;
  const nlohmann::json& object_;
  std::string path_;
};

// An empty text counts as {}. The fault is 400.
[[nodiscard]] Result<nlohmann::json, Fault> parse_object(std::string_view text);

[[nodiscard]] size_t count_characters(std::string_view utf8);
[[nodiscard]] bool is_printable(std::string_view text);  // UTF-8, no control characters, not only blanks

}  // namespace footlight::control
