#include "control/health.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "control/api.h"

namespace footlight::control {
namespace {

http::Response text_response(std::string type, std::string body) {
  http::Response response;
  response.headers.set("Content-Type", std::move(type));
  response.headers.set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

// "compose/<event>" → "compose-0": which one it is stays out of the labels.
std::string process_name(const std::string& role, std::map<std::string, int>& counts) {
  const auto kind = role.substr(0, role.find('/'));
  return kind == "compose" ? fmt::format("{}-{}", kind, counts[kind]++) : kind;
}

}  // namespace

bool Health::handle(const http::Request& request, const http::ExchangePtr& exchange) {
  const auto path = request.path();
  const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics";
  if (!known) return false;
  if (request.method != "GET" && request.method != "HEAD")
    exchange->respond(http::problem(405, "This is read with GET."));
  else if (path == "/healthz")
    exchange->respond(text_response("text/plain", "ok\n"));  // alive; the database is not asked
  else
    exchange->respond(path == "/readyz" ? ready() : metrics());
  return true;
}

http::Response Health::ready() {
  (void)parts_.repository.setting("ready");
  const bool database = !parts_.repository.take_error().has_value();
  const bool relay = observer_.is_present("relay/local"), origin = observer_.is_present("origin/local");
  const bool demo = roles_.is_demo_staged();
  const bool all = database && relay && origin && demo;
  return json_response(all ? 200 : 503,
                       {{"ready", all}, {"database", database}, {"relay", relay}, {"origin", origin}, {"demo", demo}});
}

std::string Health::own_metrics() {
  std::string out =
      "# HELP footlight_control_responses_total Answers of the http listener, by status class.\n"
      "# TYPE footlight_control_responses_total counter\n";
  for (size_t i = 1; i < counters_.by_class.size(); ++i)
    out += fmt::format("footlight_control_responses_total{{class=\"{}xx\"}} {}\n", i, counters_.by_class[i]);
  out += fmt::format(
      "# HELP footlight_control_event_stream_listeners Open server-sent streams.\n"
      "# TYPE footlight_control_event_stream_listeners gauge\n"
      "footlight_control_event_stream_listeners {}\n",
      parts_.stream.listeners());
  std::map<std::string_view, int> events;
  for (EventState s :
       {EventState::kDraft, EventState::kRehearsal, EventState::kLive, EventState::kEnded, EventState::kArchived})
    events[name_of(s)] = 0;
  for (const Event& event : parts_.repository.all_events()) ++events[name_of(event.state)];
  size_t publishers = 0, viewers = 0;
  for (const Session& session : parts_.repository.all_sessions()) ++(session.publish ? publishers : viewers);
  const bool failed = parts_.repository.take_error().has_value();
  out += "# HELP footlight_control_events Events, by state.\n# TYPE footlight_control_events gauge\n";
  for (const auto& [state, count] : events)
    out += fmt::format("footlight_control_events{{state=\"{}\"}} {}\n", state, count);
  out += fmt::format(
      "# HELP footlight_control_sessions WebRTC sessions.\n# TYPE footlight_control_sessions gauge\n"
      "footlight_control_sessions{{kind=\"publish\"}} {}\nfootlight_control_sessions{{kind=\"subscribe\"}} {}\n"
      "# HELP footlight_control_database_up Whether the database answers.\n# TYPE footlight_control_database_up gauge\n"
      "footlight_control_database_up {}\n",
      publishers, viewers, failed ? 0 : 1);
  return out;
}

http::Response Health::metrics() {
  std::vector<std::pair<std::string, std::string>> processes{{"control", own_metrics()}};
  if (server_metrics_) processes.emplace_back("control", server_metrics_());
  std::map<std::string, int> counts;
  for (auto& [role, text] : observer_.metrics()) processes.emplace_back(process_name(role, counts), std::move(text));
  return text_response("text/plain; version=0.0.4; charset=utf-8", merge_metrics(processes));
}

}  // namespace footlight::control
