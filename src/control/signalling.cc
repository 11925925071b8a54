#include "control/signalling.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "control/api.h"
#include "control/sessions.h"
#include "http/entity_tag.h"

// What WHIP and WHEP have in common: paths, preflights, session resources (RFC 9725 §4).
namespace footlight::control {
namespace {

constexpr std::string_view kFragmentType = "application/trickle-ice-sdpfrag";  // RFC 8840 §9

std::string quoted(const std::string& tag) { return "\"" + tag + "\""; }

http::Response no_content(int status) {
  http::Response response;
  response.status = status;
  return response;
}

}  // namespace

Signalling::Signalling(Parts& parts, RelayCalls& relay, Observer& observer)
    : parts_(parts), relay_(relay), observer_(observer) {}

void Signalling::respond(const Dialogue& d, http::Response response) const {
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Expose-Headers", "Location, Link, ETag, Accept-Patch, Retry-After");
  d.exchange->respond(std::move(response));
}

void Signalling::refuse(const Dialogue& d, int status, std::string_view detail) const {
  respond(d, status == 401 ? unauthorized(std::string(detail)) : http::problem(status, detail));
}

bool Signalling::database_failed(const Dialogue& d) const {
  const auto error = parts_.repository.take_error();
  if (error) refuse(d, 503, error->message);
  return error.has_value();
}

void Signalling::handle(http::Request request, http::ExchangePtr exchange) {
  auto d = std::make_shared<Dialogue>();
  d->request = std::move(request);
  d->exchange = std::move(exchange);
  std::string_view path = d->request.path();
  d->publish = path.starts_with("/whip/");
  path.remove_prefix(std::string_view("/whip/").size());
  const size_t slash = path.find('/');
  const auto event = http::percent_decode(path.substr(0, slash));
  const auto session =
      slash == std::string_view::npos ? std::optional<std::string>("") : http::percent_decode(path.substr(slash + 1));
  const bool missing = !event || event->empty() || !session || (slash != std::string_view::npos && session->empty());
  if (missing || session->find('/') != std::string::npos) return refuse(*d, 404, "There is nothing at this address.");
  d->event_id = *event;
  d->session_id = *session;
  if (d->session_id.empty()) return endpoint(d);
  resource(d);
}

// RFC 9725 §4.2: POST is the one method; GET, HEAD and PUT stay reserved (405). Preflights name what may come.
void Signalling::endpoint(const DialoguePtr& d) {
  const auto& method = d->request.method;
  if (method == "OPTIONS") {
    auto response = no_content(204);
    response.headers.set("Access-Control-Allow-Methods", "POST, OPTIONS");
    response.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    response.headers.set("Access-Control-Max-Age", "86400");
    response.headers.set("Accept-Post", "application/sdp");
    return respond(*d, std::move(response));
  }
  if (method != "POST") {
    auto response = http::problem(405, "An offer is sent here with POST.");
    response.headers.set("Allow", "POST, OPTIONS");
    return respond(*d, std::move(response));
  }
  d->event = parts_.repository.find_event(d->event_id);
  if (database_failed(*d)) return;
  return d->publish ? publish(d) : subscribe(d);
}

bool Signalling::has_offer(const Dialogue& d) const {
  if (d.request.body_too_large)
    refuse(d, 413, "The offer is larger than 1 MiB.");
  else if (!has_content_type(d.request, "application/sdp"))
    refuse(d, 415, "An offer must come as `Content-Type: application/sdp`.");
  else if (d.request.body.empty())
    refuse(d, 400, "The offer is empty.");
  else if (!is_utf8(d.request.body))  // RFC 8866 §5: SDP is text in UTF-8
    refuse(d, 400, "The offer cannot be read: it is not text in UTF-8.");
  else
    return true;
  return false;
}

void Signalling::agree(const DialoguePtr& d, Session session, std::function<void(const Session&)> attach) {
  const state::SessionRequest call{.id = session.id,
                                   .kind = d->publish ? "publish" : "subscribe",
                                   .stream = session.stream,
                                   .offer = d->request.body};
  observer_.call_began(session.id);
  relay_.create(call, [this, d, session = std::move(session), attach = std::move(attach)](auto reply) {
    observer_.call_ended(session.id);
    if (reply) return on_agreed(d, session, *reply, attach);
    auto response = http::problem(reply.error().status, reply.error().detail);
    if (reply.error().status == 503 || reply.error().status == 409) response.headers.set("Retry-After", "1");
    respond(*d, std::move(response));
  });
}

void Signalling::on_agreed(const DialoguePtr& d, Session session, const state::SessionReply& reply,
                           const std::function<void(const Session&)>& attach) {
  session.relay_epoch = reply.relay_epoch;
  session.ice_tag = reply.ice_tag;
  session.tracks = reply.tracks;
  session.created_at = parts_.clock.wall_now();
  const auto refused = std::make_shared<http::Response>();
  // A publisher changes who is on air; a viewer's session needs to outlive a process only, as the relay's own does.
  const auto stored = parts_.changes.run(Durability::kProcess, [&] {
    observer_.learn_relay(reply.relay_epoch);
    // The world may have moved on while the relay was thinking.
    const auto event = parts_.repository.find_event(session.event);
    const bool known = d->principal.access == Access::kNone || parts_.authorizer.still_valid(d->principal);
    const bool welcome = event && known && accepts_publishers(event->state);
    if (welcome) {
      attach(session);
    } else {
      *refused = known ? http::problem(409, "The event has changed meanwhile.")
                       : http::problem(401, "This token has been revoked meanwhile.");
      parts_.repository.insert_ending(session.id, session.relay_epoch);
    }
    return true;
  });
  if (!stored) return refuse(*d, 503, stored.error().message);
  if (refused->status >= 400) return respond(*d, std::move(*refused));
  http::Response response;
  response.status = 201;
  response.headers.set("Content-Type", "application/sdp");
  // Any case is right (RFC 9110 §5.1), and an OBS of old knows this one alone (obs #9459).
  response.headers.set("location", fmt::format("{}/{}/{}/{}", parts_.addresses.of(d->request).http,
                                               d->publish ? "whip" : "whep", session.event, session.id));
  response.headers.set("ETag", quoted(session.ice_tag));
  response.headers.set("Accept-Patch", std::string(kFragmentType));
  response.headers.set("Cache-Control", "no-store");
  response.body = reply.answer;
  respond(*d, std::move(response));
}

// The token is checked on every request; a session that nobody signed in for is guarded by its URL alone.
bool Signalling::may_use(Dialogue& d, const Session& session) const {
  if (session.subject.empty()) return true;
  auto principal = parts_.authorizer.authenticate(d.request);
  if (!principal) {
    refuse(d, 401, principal.error().message);
    return false;
  }
  const bool own = principal->subject == session.subject || principal->access >= Access::kProducer;
  if (is_event_allowed(*principal, session.event) && own) return true;
  refuse(d, 403, "This session belongs to someone else.");
  return false;
}

void Signalling::resource(const DialoguePtr& d) {
  const auto& method = d->request.method;
  if (method == "OPTIONS") {
    auto response = no_content(204);
    response.headers.set("Access-Control-Allow-Methods", "PATCH, DELETE, OPTIONS");
    response.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    response.headers.set("Access-Control-Max-Age", "86400");
    response.headers.set("Accept-Patch", std::string(kFragmentType));
    return respond(*d, std::move(response));
  }
  if (method != "PATCH" && method != "DELETE") {
    auto response = http::problem(405, "A session is changed with PATCH and ended with DELETE.");
    response.headers.set("Allow", "PATCH, DELETE, OPTIONS");
    return respond(*d, std::move(response));
  }
  auto session = parts_.repository.find_session(d->session_id);
  if (session && (session->event != d->event_id || session->publish != d->publish)) session.reset();
  if (database_failed(*d)) return;
  if (!session && d->publish) {
    if (auto principal = parts_.authorizer.authenticate(d->request); !principal)
      return refuse(*d, 401, principal.error().message);
  }
  if (!session) return refuse(*d, 404, "There is no such session; it has ended.");
  if (!may_use(*d, *session)) return;
  return method == "PATCH" ? patch(d, *session) : remove(d, *session);
}

// RFC 9725 §4.3: a fragment says by If-Match which ICE session it belongs to; "*" is a restart's, which fits any.
void Signalling::patch(const DialoguePtr& d, const Session& session) {
  if (d->request.body_too_large) return refuse(*d, 413, "The fragment is larger than 1 MiB.");
  if (!has_content_type(d->request, kFragmentType))
    return refuse(*d, 415, fmt::format("A fragment must come as `Content-Type: {}`.", kFragmentType));
  const auto tag = d->request.headers.get("If-Match");
  if (!tag) return refuse(*d, 428, "PATCH needs If-Match with the session's ETag, or * for an ICE restart.");
  if (!http::if_match_names(*tag, quoted(session.ice_tag)))
    return refuse(*d, 412, "ICE was restarted since; this fragment belongs to an earlier session.");
  if (d->request.body.empty()) return refuse(*d, 400, "The fragment is empty.");
  relay_.patch(session.id, d->request.body, [this, d, updated = session](auto answer) mutable {
    if (!answer) return refuse(*d, answer.error().status, answer.error().detail);
    auto response = no_content(204);
    if (!answer->sdpfrag.empty()) {
      updated.ice_tag = answer->ice_tag;
      const auto stored = parts_.changes.run(Durability::kProcess, [&] {
        parts_.repository.update_session(updated);
        return true;
      });
      if (!stored) return refuse(*d, 503, stored.error().message);
      response.status = 200;
      response.headers.set("Content-Type", std::string(kFragmentType));
      response.body = answer->sdpfrag;
    }
    response.headers.set("ETag", quoted(updated.ice_tag));
    respond(*d, std::move(response));
  });
}

// RFC 9725 §4.2: 200, and the media is over. The relay hears of it by desired state within the turn.
void Signalling::remove(const DialoguePtr& d, const Session& session) {
  const auto stored = parts_.changes.run(Durability::kProcess, [&] {
    end_session(parts_, session, EndReason::kLeft);
    return true;
  });
  if (!stored) return refuse(*d, 503, stored.error().message);
  respond(*d, no_content(200));
}

}  // namespace footlight::control
