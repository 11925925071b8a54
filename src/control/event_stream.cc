#include "control/event_stream.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "http/router.h"

namespace footlight::control {
namespace {

constexpr Duration kHeartbeat = Duration::seconds(15);  // proxies close what is silent for 30 to 60 s
constexpr size_t kMaxListeners = 1000;                  // an event; beyond it 503
constexpr std::string_view kRetry = "retry: 500\n";     // CONTRACT §3

// HTML, server-sent events §9.2.5.
std::string text_of(const StreamEvent& entry) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", entry.sequence, entry.type, entry.data);
}

bool concerns(const StreamEvent& entry, const Principal& principal) {
  return entry.subject.empty() || principal.access >= Access::kProducer || principal.subject == entry.subject;
}

std::optional<int64_t> last_event_id(const http::Request& request) {
  const auto field = request.headers.get("Last-Event-ID");
  if (!field || field->empty()) return std::nullopt;
  int64_t id = 0;
  const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), id);
  return error == std::errc() && end == field->data() + field->size() ? id : -1;  // -1: not one of ours
}

}  // namespace

EventStream::EventStream(Repository& repository, Authorizer& authorizer, const Clock& clock)
    : repository_(repository), authorizer_(authorizer), clock_(clock), next_heartbeat_(clock.now() + kHeartbeat) {}

void EventStream::emit(const std::string& event, std::string type, const nlohmann::ordered_json& data,
                       std::string subject) {
  StreamEvent entry{.type = std::move(type), .subject = std::move(subject), .data = data.dump()};
  entry.sequence = repository_.append_stream_event(event, entry);
  pending_.emplace_back(event, std::move(entry));
}

void EventStream::flush() {
  for (const auto& [event, entry] : std::exchange(pending_, {})) {
    const auto it = listeners_.find(event);
    if (it == listeners_.end()) continue;
    const auto text = text_of(entry);
    // A copy: writing to a page that has gone may take it off the list.
    for (const Listener& listener : Listeners(it->second))
      if (concerns(entry, listener.principal)) listener.exchange->write(text);
    if (entry.type == kDeletedEvent) close(event);
  }
}

void EventStream::discard() { pending_.clear(); }

// What the page has missed; without Last-Event-ID only the position from which it will not miss anything.
std::string EventStream::backlog(const http::Request& request, const std::string& event, const Principal& principal) {
  const auto last = repository_.last_stream_sequence();
  const auto seen = last_event_id(request);
  std::string text(kRetry);
  if (!seen) return text + fmt::format("id: {}\n\n", last);
  const auto entries = repository_.stream_events(event);
  const bool dropped = entries.size() == kStreamEventsKept && entries.front().sequence > *seen + 1;
  if (*seen < 0 || *seen > last || dropped) {
    // The position is unknown here or too old: the page reads everything anew.
    return text + text_of({.sequence = last, .type = "stream.reset", .data = "{}"});
  }
  text += "\n";
  for (const StreamEvent& entry : entries)
    if (entry.sequence > *seen && concerns(entry, principal)) text += text_of(entry);
  return text;
}

void EventStream::open(const http::Request& request, const std::string& event, Principal principal,
                       http::ExchangePtr exchange) {
  if (const auto it = listeners_.find(event); it != listeners_.end() && it->second.size() >= kMaxListeners)
    return exchange->respond(http::problem(503, "Too many pages follow this event's stream."));
  auto text = backlog(request, event, principal);
  if (const auto error = repository_.take_error()) return exchange->respond(http::problem(503, error->message));
  http::Response head;
  head.headers.set("Content-Type", "text/event-stream");
  head.headers.set("Cache-Control", "no-store");
  head.headers.set("X-Accel-Buffering", "no");  // nginx would hold the events back
  exchange->start(std::move(head));
  exchange->write(std::move(text));
  listen(event, {std::move(exchange), std::move(principal)});
}

void EventStream::listen(const std::string& event, Listener listener) {
  auto& list = listeners_[event];
  list.push_back(std::move(listener));
  const auto* exchange = list.back().exchange.get();
  list.back().exchange->on_closed([this, event, exchange] {
    const auto it = listeners_.find(event);
    if (it == listeners_.end()) return;
    it->second.remove_if([&](const Listener& l) { return l.exchange.get() == exchange; });
    if (it->second.empty()) listeners_.erase(it);
  });
}

void EventStream::tick() {
  const bool heartbeat = clock_.now() >= next_heartbeat_;
  if (heartbeat) next_heartbeat_ = clock_.now() + kHeartbeat;
  std::vector<std::pair<std::string, Listener>> all;
  for (const auto& [event, list] : listeners_)
    for (const Listener& listener : list) all.emplace_back(event, listener);
  for (const auto& [event, listener] : all) {
    if (!authorizer_.still_valid(listener.principal)) {
      if (const auto error = repository_.take_error()) continue;  // the database is away: no reason to end a stream
      std::erase_if(listeners_[event], [&](const Listener& l) { return l.exchange == listener.exchange; });
      listener.exchange->finish();
    } else if (heartbeat) {
      listener.exchange->write(":\n\n");
    }
  }
  std::erase_if(listeners_, [](const auto& entry) { return entry.second.empty(); });
}

void EventStream::close(const std::string& event) {
  auto list = listeners_.extract(event);
  if (list.empty()) return;
  for (const Listener& listener : list.mapped()) listener.exchange->finish();
}

void EventStream::close_all() {
  for (const auto& [event, list] : std::exchange(listeners_, {}))
    for (const Listener& listener : list) listener.exchange->finish();
}

size_t EventStream::listeners() const {
  size_t count = 0;
  for (const auto& [event, list] : listeners_) count += list.size();
  return count;
}

}  // namespace footlight::control
