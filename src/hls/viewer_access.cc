#include "hls/viewer_access.h"

#include <fmt/format.h>

namespace footlight::hls {
namespace {

// What a player without EXT-X-DEFINE sends back, having taken the playlist's URIs as they stand.
constexpr std::string_view kUnresolved = "{$token}";

// RFC 6265 §4.2.1: "a=1; b=2".
std::string_view cookie(const http::Request& request, std::string_view name) {
  std::string_view rest = request.headers.get("Cookie").value_or("");
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

void ViewerAccess::apply(Secret key, const std::vector<std::string>& revoked) {
  key_ = std::move(key);
  revoked_ = {revoked.begin(), revoked.end()};
}

ViewerAccess::Verdict ViewerAccess::check(const http::Request& request, const std::string& event, WallTime now) const {
  const std::string cookie_name = "footlight_view_" + event;
  const std::string kept(cookie(request, cookie_name));
  auto asked = request.query_value("token");
  if (asked == kUnresolved) asked.reset();
  const std::string& text = asked ? *asked : kept;
  if (text.empty()) return {401, "This event asks for an invitation: open the link that you were given.", {}};
  if (key_.empty()) return {503, "The server is starting; try again in a second.", {}};
  auto claims = token::verify(text, key_, now);
  if (!claims) return {401, fmt::format("The invitation is not accepted: {}.", sentence(claims.error())), {}};
  if (revoked_.contains(claims->jti)) return {401, "This invitation was withdrawn.", {}};
  if (claims->event != event) return {403, "This invitation is for another event.", {}};
  Verdict verdict;
  if (asked && kept != text)
    verdict.set_cookie = fmt::format("{}={}; Path=/live; Max-Age={}; HttpOnly; SameSite=Lax{}", cookie_name, text,
                                     claims->exp - now.unix_seconds(), request.tls ? "; Secure" : "");
  return verdict;
}

}  // namespace footlight::hls
