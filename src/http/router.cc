#include "http/router.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "http/reason.h"

namespace footlight::http {
namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> out;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (true) {
    size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::string join_rest(const std::vector<std::string_view>& parts, size_t from) {
  std::string out;
  for (size_t i = from; i < parts.size(); ++i) {
    if (i > from) out += '/';
    out += parts[i];
  }
  return out;
}

// Fills `params`; false when the path does not match or a parameter's escapes are bad or its text is empty.
bool match(const std::vector<std::string>& pattern, const std::vector<std::string_view>& parts, Params& params) {
  params.clear();
  for (size_t i = 0; i < pattern.size(); ++i) {
    std::string_view segment = pattern[i];
    if (is_parameter(segment) && segment.ends_with("...}")) {
      if (i >= parts.size()) return false;
      auto rest = percent_decode(join_rest(parts, i));
      if (!rest) return false;
      params.emplace(segment.substr(1, segment.size() - 5), std::move(*rest));
      return true;
    }
    if (i >= parts.size()) return false;
    if (!is_parameter(segment)) {
      if (segment != parts[i]) return false;
      continue;
    }
    auto value = percent_decode(parts[i]);
    if (!value || value->empty()) return false;
    params.emplace(segment.substr(1, segment.size() - 2), std::move(*value));
  }
  return parts.size() == pattern.size();
}

}  // namespace

void Router::on(std::string_view method, std::string_view pattern, RouteHandler handler) {
  Route route{std::string(method), {}, std::move(handler)};
  for (std::string_view segment : split_path(pattern)) route.segments.emplace_back(segment);
  routes_.push_back(std::move(route));
}

void Router::route(Request request, ExchangePtr exchange) const {
  const auto parts = split_path(request.path());
  std::string_view wanted = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::vector<std::string_view> allowed;
  Params params;
  for (const Route& route : routes_) {
    if (!match(route.segments, parts, params)) continue;
    if (route.method == wanted) return route.handler(request, params, std::move(exchange));
    if (std::find(allowed.begin(), allowed.end(), route.method) == allowed.end()) allowed.push_back(route.method);
  }
  if (allowed.empty()) {
    if (fallback_) return fallback_(request, {}, std::move(exchange));
    return exchange->respond(problem(404, "There is nothing at this address."));
  }
  std::string allow;
  for (std::string_view method : allowed) {
    allow += allow.empty() ? "" : ", ";
    allow += method;
    if (method == "GET") allow += ", HEAD";
  }
  Response refusal = problem(405, request.method + " is not possible here; possible: " + allow + ".");
  refusal.headers.set("Allow", allow);
  exchange->respond(std::move(refusal));
}

Response problem(int status, std::string_view detail) {
  Response r;
  r.status = status;
  r.headers.set("Content-Type", "application/problem+json");
  r.headers.set("Cache-Control", "no-store");
  nlohmann::ordered_json body = {{"type", "about:blank"}, {"title", reason_phrase(status)}, {"status", status}};
  if (!detail.empty()) body["detail"] = detail;
  // Peer text may be echoed in the detail: bytes that are not UTF-8 become U+FFFD instead of an exception.
  r.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return r;
}

}  // namespace footlight::http
