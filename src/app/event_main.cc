// footlight event: events from the shell, through the API that everybody uses.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/api_call.h"
#include "app/data_folder.h"
#include "app/listeners.h"
#include "app/role.h"

namespace footlight::app {
namespace {

using Json = nlohmann::ordered_json;  // printed in the order of the API

constexpr Duration kPatience = Duration::seconds(10);

// Where the API is and with which token: --url and --token, else what the data directory says.
struct Access {
  ApiAddress address;
  std::string token;
};

Result<Access, Error> access_of(const CommandLine& command_line) {
  std::error_code ignored;
  std::filesystem::path data = std::filesystem::absolute(command_line.data, ignored);
  Access access;
  if (!command_line.url.empty()) {
    std::filesystem::path own_certificate = data / "tls/cert.pem";
    auto address =
        resolve_url(command_line.url, std::filesystem::exists(own_certificate) ? own_certificate.string() : "");
    if (!address) return unexpected(address.error());
    access.address = std::move(*address);
  } else {
    auto text = read_file(data / "run/listen.json");
    auto listen = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
    if (!listen.is_object() || !listen.contains("http"))
      return fail(
          fmt::format("No Footlight runs with the data directory {}; start one, or give --url.", data.string()));
    const auto http = SocketAddress::parse(listen["http"].get<std::string>());
    if (!http)
      return fail(fmt::format("{} cannot be read; start Footlight anew.", (data / "run/listen.json").string()));
    // Links are made from the Host of the request: the one people use.
    access.address = {"unix:" + (data / "run/control.sock").string(), reachable(*http).to_string(), std::nullopt};
  }
  access.token = command_line.token;
  if (access.token.empty()) {
    auto text = read_file(data / "admin_token");
    if (!text) return fail(fmt::format("There is no admin token in {}; give --token.", data.string()));
    access.token = text->substr(0, text->find_first_of("\r\n"));
  }
  return access;
}

Result<http::Request, Error> request_of(const CommandLine& c) {
  http::Request request;
  if (c.action == "create") {
    if (c.title.empty()) return fail("footlight event create needs --title TEXT.");
    request.method = "POST";
    request.target = "/api/v1/events";
    request.headers.set("Content-Type", "application/json");
    request.body = nlohmann::json{{"title", c.title}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return request;
  }
  if (c.action == "list") {
    request.target = "/api/v1/events";
    return request;
  }
  if (c.event_id.empty()) return fail(fmt::format("footlight event {} needs the event's id.", c.action));
  request.target = "/api/v1/events/" + http::percent_encode(c.event_id);
  if (c.action != "show") {
    request.method = "POST";
    request.target += "/" + c.action;
  }
  return request;
}

std::string text_of(const Json& object, const char* a, const char* b = nullptr) {
  auto found = object.find(a);
  if (found == object.end()) return {};
  if (b != nullptr) return found->is_object() ? text_of(*found, b) : std::string{};
  return found->is_string() ? found->get<std::string>() : std::string{};
}

void print_event(const Json& event) {
  fmt::print("{}  {}  {}\n", text_of(event, "id"), text_of(event, "state"), text_of(event, "title"));
  for (const char* link : {"studio", "control_room", "watch"})
    if (auto url = text_of(event, "links", link); !url.empty()) fmt::print("  {}: {}\n", link, url);
  if (auto url = text_of(event, "ingest", "whip_url"); !url.empty()) fmt::print("  whip: {}\n", url);
  if (auto key = text_of(event, "ingest", "stream_key"); !key.empty()) fmt::print("  stream key: {}\n", key);
  if (auto url = text_of(event, "playback", "hls_url"); !url.empty()) fmt::print("  hls: {}\n", url);
}

// The API's answer; nothing when it refused or kept silent, which stderr then says.
std::optional<Json> ask(const Access& access, http::Request request) {
  request.headers.set("Authorization", "Bearer " + access.token);
  auto answer = call_and_wait(access.address, std::move(request), kPatience);
  if (!answer) {
    fmt::print(stderr, "Footlight at {} did not answer: {}.\n", access.address.host, http::sentence(answer.error()));
    return std::nullopt;
  }
  auto body = Json::parse(answer->body, nullptr, false);
  if (answer->status / 100 == 2 && body.is_object()) return body;
  std::string detail = body.is_object() ? text_of(body, "detail") : "";
  fmt::print(stderr, "{} ({})\n", detail.empty() ? "The request was refused." : detail, answer->status);
  return std::nullopt;
}

}  // namespace

Result<int, Error> event_main(const CommandLine& command_line) {
  if (auto config = resolve_config(command_line); !config) return unexpected(config.error());
  auto request = request_of(command_line);
  if (!request) return unexpected(request.error());
  auto access = access_of(command_line);
  if (!access) return unexpected(access.error());
  auto body = ask(*access, *request);
  if (!body) return 1;
  // A list comes in pages; a script gets it whole.
  for (auto next = text_of(*body, "next"); !next.empty(); next = text_of(*body, "next")) {
    request->target = "/api/v1/events?after=" + http::percent_encode(next);
    auto page = ask(*access, *request);
    if (!page) return 1;
    for (auto& event : (*page)["items"]) (*body)["items"].push_back(std::move(event));
    (*body)["next"] = (*page)["next"];
  }
  if (command_line.json) {
    fmt::print("{}\n", body->dump());
  } else if (body->contains("items")) {
    for (const auto& event : (*body)["items"]) print_event(event);
  } else {
    print_event(*body);
  }
  return 0;
}

}  // namespace footlight::app
