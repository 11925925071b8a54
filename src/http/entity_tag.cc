#include "http/entity_tag.h"

#include <algorithm>

namespace footlight::http {

bool if_match_names(std::string_view field, std::string_view tag) {
  if (field == "*") return true;
  while (!field.empty()) {
    // The next element; a comma inside quotes belongs to its tag.
    bool quoted = false;
    size_t end = 0;
    for (; end < field.size() && (quoted || field[end] != ','); ++end)
      if (field[end] == '"') quoted = !quoted;
    std::string_view element = field.substr(0, end);
    field.remove_prefix(std::min(end + 1, field.size()));
    size_t first = element.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    element = element.substr(first, element.find_last_not_of(" \t") - first + 1);
    if (element == tag) return true;
  }
  return false;
}

}  // namespace footlight::http
