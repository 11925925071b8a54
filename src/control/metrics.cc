#include "control/metrics.h"

#include <map>
#include <string_view>

namespace footlight::control {
namespace {

struct Family {
  std::string comments;  // HELP and TYPE as the first process wrote them
  std::string samples;
};

// The metric to which a line belongs: a histogram's _bucket, _sum and _count stand under its own name.
std::string family_of(std::string_view name, const std::map<std::string, Family>& families) {
  for (std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    std::string base(name.substr(0, name.size() - suffix.size()));
    if (families.contains(base)) return base;
  }
  return std::string(name);
}

void add_comment(std::string_view line, std::map<std::string, Family>& families) {
  // "# HELP name …" or "# TYPE name …"; other comments carry nothing.
  if (!line.starts_with("# HELP ") && !line.starts_with("# TYPE ")) return;
  const auto rest = line.substr(7);
  auto& family = families[std::string(rest.substr(0, rest.find(' ')))];
  const auto kind = line.substr(0, 7);
  if (family.comments.find(kind) == std::string::npos) family.comments.append(line).append("\n");
}

void add_sample(std::string_view line, const std::string& process, std::map<std::string, Family>& families) {
  const size_t end = line.find_first_of("{ ");
  if (end == std::string_view::npos || end == 0) return;
  auto& family = families[family_of(line.substr(0, end), families)];
  family.samples.append(line.substr(0, end)).append("{process=\"").append(process).append("\"");
  if (line[end] == '{')
    family.samples.append(line[end + 1] == '}' ? "" : ",").append(line.substr(end + 1));
  else
    family.samples.append("}").append(line.substr(end));
  family.samples.append("\n");
}

}  // namespace

std::string merge_metrics(const std::vector<std::pair<std::string, std::string>>& processes) {
  std::map<std::string, Family> families;
  for (const auto& [process, text] : processes) {
    std::string_view rest = text;
    while (!rest.empty()) {
      const size_t newline = rest.find('\n');
      const auto line = rest.substr(0, newline);
      rest = newline == std::string_view::npos ? std::string_view() : rest.substr(newline + 1);
      if (line.starts_with('#'))
        add_comment(line, families);
      else
        add_sample(line, process, families);
    }
  }
  std::string page;
  for (const auto& [name, family] : families) page += family.comments + family.samples;
  return page;
}

}  // namespace footlight::control
