#include <fmt/format.h>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/text_codec.h"
#include "control/api.h"
#include "control/event_fields.h"
#include "control/event_json.h"
#include "control/lifecycle.h"
#include "control/new_event.h"
#include "control/sessions.h"
#include "http/entity_tag.h"

namespace footlight::control {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPageSize = 100, kMaxPageSize = 500;

http::Response event_response(Call& call, int status, const std::string& stream_key = "") {
  const auto base = call.parts.addresses.of(call.request);
  auto response = json_response(status, event_json(*call.event, base, call.parts.keyring, stream_key));
  response.headers.set("ETag", etag_of(*call.event));
  return response;
}

bool is_stale(const Call& call) {
  const auto field = call.request.headers.get("If-Match");
  return field && !http::if_match_names(*field, etag_of(*call.event));
}
http::Response stale() { return http::problem(412, "The event has changed since it was read; read it again."); }

http::Response create_event(Call& call) {
  const auto body = parse_object(call.request.body);
  if (!body) return http::problem(body.error().status, body.error().detail);
  Event event{.id = new_event_id()};
  if (const auto fault = read_new_event(*body, event)) return http::problem(fault->status, fault->detail);
  const auto key = new_stream_key();
  store_new_event(call.parts, event, key);
  call.event = std::move(event);
  auto response = event_response(call, 201, key);
  response.headers.set("Location", call.parts.addresses.of(call.request).http + "/api/v1/events/" + call.event->id);
  return response;
}

std::string cursor_of(const Event& event) {
  return to_base64url(as_bytes(fmt::format("{}:{}", event.created_at.us(), event.id)));
}

std::optional<Repository::Cursor> read_cursor(const std::string& text) {
  const auto bytes = from_base64url(text);
  if (!bytes) return std::nullopt;
  const std::string plain(as_text(*bytes));
  Repository::Cursor cursor;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), cursor.created_us);
  if (error != std::errc() || end == plain.data() + plain.size() || *end != ':') return std::nullopt;
  cursor.id = std::string(end + 1, plain.data() + plain.size());
  return cursor;
}

http::Response list_events(Call& call) {
  int limit = kPageSize;
  if (const auto text = call.request.query_value("limit")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > kMaxPageSize)
      return http::problem(422, fmt::format("`limit` must be a whole number from 1 to {}.", kMaxPageSize));
  }
  std::optional<Repository::Cursor> after;
  if (const auto text = call.request.query_value("after"); text && !(after = read_cursor(*text)))
    return http::problem(422, "`after` must be the `next` of an earlier page.");
  std::vector<Event> events;
  if (call.principal.access == Access::kAdmin)
    events = call.parts.repository.list_events(after, limit + 1);
  else if (auto own = call.parts.repository.find_event(call.principal.event); own && !after)
    events.push_back(std::move(*own));
  Json next = nullptr;
  if (events.size() > static_cast<size_t>(limit)) {
    events.pop_back();
    next = cursor_of(events.back());
  }
  const auto base = call.parts.addresses.of(call.request);
  Json items = Json::array();
  for (const Event& event : events) items.push_back(event_json(event, base, call.parts.keyring));
  return json_response(200, {{"items", std::move(items)}, {"next", std::move(next)}});
}

http::Response get_event(Call& call) {
  const auto seen = call.request.headers.get("If-None-Match");
  auto response = event_response(call, 200);
  response.headers.set("Cache-Control", "no-cache");
  if (seen && seen->find(etag_of(*call.event)) != std::string_view::npos) {
    response.status = 304;
    response.body.clear();
  }
  return response;
}

// The programme's shape stands from its first tick on; who may watch and what is kept, from the first part on.
std::string fixed_field(const Event& before, const Event& after) {
  if (before.state != EventState::kDraft && (before.canvas != after.canvas || before.rung != after.rung))
    return "The canvas and the ladder can be changed in draft only.";
  const bool begun = before.state != EventState::kDraft && before.state != EventState::kRehearsal;
  if (begun && before.token_audience != after.token_audience)
    return "The audience can be changed before the event is live only.";
  if (begun && before.record != after.record) return "`record` can be changed before the event is live only.";
  return "";
}

http::Response patch_event(Call& call) {
  const auto body = parse_object(call.request.body);
  if (!body) return http::problem(body.error().status, body.error().detail);
  Event event = *call.event;
  if (const auto fault = read_event_changes(*body, event)) return http::problem(fault->status, fault->detail);
  if (is_stale(call)) return stale();
  if (const auto conflict = fixed_field(*call.event, event); !conflict.empty()) return http::problem(409, conflict);
  if (event.interactive != call.event->interactive) bump_status(event);
  call.event = std::move(event);
  store_event(call.parts, *call.event, "event.updated");
  return event_response(call, 200);
}

http::Response delete_event(Call& call) {
  if (is_stale(call)) return stale();
  if (is_running(call.event->state))
    return http::problem(409, "An event in rehearsal or live cannot be deleted; end it first.");
  for (const Session& session : call.parts.repository.sessions_of(call.event->id))
    end_session(call.parts, session, EndReason::kRemoved);
  call.parts.stream.emit(call.event->id, std::string(kDeletedEvent), {{"id", call.event->id}});
  call.parts.repository.delete_event(call.event->id);
  http::Response response;
  response.status = 204;
  return response;
}

http::Response get_watch(Call& call) {
  return json_response(200, watch_json(*call.event, call.parts.addresses.of(call.request)));
}

http::Response move_to(Call& call, EventState to) {
  const auto body = parse_object(call.request.body);
  if (!body) return http::problem(body.error().status, body.error().detail);
  Faults faults;
  const Fields fields(faults, *body, "", {});
  if (const auto fault = faults.first()) return http::problem(fault->status, fault->detail);
  const auto from = call.event->state;
  if (!is_legal(from, to)) {
    const auto legal = legal_calls(from);
    auto response = http::problem(409, legal.empty() ? fmt::format("An event that is {} stays so.", name_of(from))
                                                     : fmt::format("An event in state {} can only go on by: {}.",
                                                                   name_of(from), fmt::join(legal, ", ")));
    auto document = Json::parse(response.body);
    document["legal"] = legal;
    response.body = document.dump();
    return response;
  }
  const bool repeated = from == to || from == EventState::kArchived;
  if (!repeated) move_event(call.parts, *call.event, to);
  return event_response(call, 200);
}

http::Response rehearse(Call& call) { return move_to(call, EventState::kRehearsal); }
http::Response draft(Call& call) { return move_to(call, EventState::kDraft); }
http::Response go_live(Call& call) { return move_to(call, EventState::kLive); }
http::Response end(Call& call) { return move_to(call, EventState::kEnded); }

http::Response put_session_type(Call& call) {
  const auto body = parse_object(call.request.body);
  if (!body) return http::problem(body.error().status, body.error().detail);
  Faults faults;
  const Fields fields(faults, *body, "", {"session_type"});
  const auto type = fields.choice("session_type", {"broadcast", "interactive"});
  if (!fields.has("session_type")) fields.impossible("session_type", "is required");
  if (const auto fault = faults.first()) return http::problem(fault->status, fault->detail);
  if (is_stale(call)) return stale();
  const bool interactive = *type == "interactive";
  if (interactive != call.event->interactive) {
    call.event->interactive = interactive;
    bump_status(*call.event);
    store_event(call.parts, *call.event, "event.updated");
  }
  return event_response(call, 200);
}

constexpr ApiCall kCalls[] = {
    {"POST", "/events", Access::kAdmin, create_event, ApiCall::Body::kJson},
    {"GET", "/events", Access::kProducer, list_events},
    {"GET", "/events/{event}", Access::kProducer, get_event},
    {"PATCH", "/events/{event}", Access::kProducer, patch_event, ApiCall::Body::kJson},
    {"DELETE", "/events/{event}", Access::kProducer, delete_event},
    {"GET", "/events/{event}/watch", Access::kViewer, get_watch, ApiCall::Body::kNone, true},
    {"POST", "/events/{event}/rehearse", Access::kProducer, rehearse, ApiCall::Body::kJson},
    {"POST", "/events/{event}/draft", Access::kProducer, draft, ApiCall::Body::kJson},
    {"POST", "/events/{event}/go-live", Access::kProducer, go_live, ApiCall::Body::kJson},
    {"POST", "/events/{event}/end", Access::kProducer, end, ApiCall::Body::kJson},
    {"PUT", "/events/{event}/session-type", Access::kProducer, put_session_type, ApiCall::Body::kJson},
};

}  // namespace

std::span<const ApiCall> event_calls() { return kCalls; }

}  // namespace footlight::control
