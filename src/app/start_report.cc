#include "app/start_report.h"

#include <fmt/core.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace footlight::app {
namespace {

constexpr Duration kAskEvery = Duration::millis(25);
constexpr Duration kPatience = Duration::seconds(5);

void print_line(std::string_view name, std::string_view value) {
  fmt::print("{}: {}\n", name, value);
  std::fflush(stdout);
}

}  // namespace

std::string home_url(const Config& config, const Listeners& listeners) {
  std::string url = config.text("http.public_url");
  if (url.empty())
    url = (config.text("http.tls_cert").empty() ? "http://" : "https://") + reachable(listeners.http).to_string();
  return url.ends_with('/') ? url : url + "/";
}

StartReport::StartReport(http::Loop& loop, Options options)
    : loop_(loop), options_(std::move(options)), client_(loop, options_.endpoint, 1) {}

void StartReport::start() {
  print_line("home", options_.home);
  if (options_.demo)
    ask_for_demo();
  else
    ask_whether_ready();
}

http::Request StartReport::request(std::string target) const {
  http::Request r;
  r.target = std::move(target);
  // Links are made from the Host of the request: the one people use.
  std::string host = options_.home.substr(options_.home.find("://") + 3);
  r.headers.set("Host", host.substr(0, host.find('/')));
  r.headers.set("Authorization", "Bearer " + options_.admin_token.reveal());
  return r;
}

void StartReport::ask_for_demo() {
  client_.request(request("/api/v1/events/demo"), kPatience, [this](auto answer) {
    auto event =
        answer && answer->status == 200 ? nlohmann::json::parse(answer->body, nullptr, false) : nlohmann::json();
    if (!event.is_object() || !event.contains("links")) {
      timer_ = loop_.after(kAskEvery, [this] { ask_for_demo(); });
      return;
    }
    const auto& links = event["links"];
    print_line("watch", links.value("watch", ""));
    print_line("studio", links.value("studio", ""));
    print_line("control-room", links.value("control_room", ""));
    ask_whether_ready();
  });
}

void StartReport::ask_whether_ready() {
  client_.request(request("/readyz"), kPatience, [this](auto answer) {
    if (!answer || answer->status != 200) {
      timer_ = loop_.after(kAskEvery, [this] { ask_whether_ready(); });
      return;
    }
    fmt::print("ready\n");
    std::fflush(stdout);
  });
}

}  // namespace footlight::app
