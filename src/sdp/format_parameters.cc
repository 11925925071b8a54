#include "sdp/format_parameters.h"

#include <algorithm>

namespace footlight::sdp {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view s) {
  while (s.starts_with(' ')) s.remove_prefix(1);
  while (s.ends_with(' ')) s.remove_suffix(1);
  return s;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

FormatParameters::FormatParameters(std::string_view text) {
  while (!text.empty()) {
    size_t end = std::min(text.find(';'), text.size());
    std::string_view item = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    size_t equals = std::min(item.find('='), item.size());
    std::string_view value = equals == item.size() ? std::string_view{} : item.substr(equals + 1);
    list_.emplace_back(trim(item.substr(0, equals)), trim(value));
  }
}

const std::string* FormatParameters::find(std::string_view name) const {
  for (const auto& [key, value] : list_)
    if (same_name(key, name)) return &value;
  return nullptr;
}

void FormatParameters::set(std::string_view name, std::string_view value) {
  for (auto& [key, old] : list_) {
    if (!same_name(key, name)) continue;
    old = value;
    return;
  }
  list_.emplace_back(name, value);
}

void FormatParameters::erase_starting(std::string_view prefix) {
  std::erase_if(list_, [&](const auto& item) { return same_name(item.first.substr(0, prefix.size()), prefix); });
}

std::string FormatParameters::text() const {
  std::string out;
  for (const auto& [key, value] : list_) {
    if (!out.empty()) out += ';';
    out += key;
    if (!value.empty()) out += "=" + value;
  }
  return out;
}

}  // namespace footlight::sdp
