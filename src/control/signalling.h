#pragma once
#include <optional>
#include <string>

#include "control/observer.h"
#include "control/parts.h"
#include "control/relay_calls.h"
#include "http/server.h"

namespace footlight::control {

// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): endpoints, session resources, preflights. Owned by Control; its
// loop's thread. In: requests under /whip/ and /whep/; out: answers, after a call to the relay where media is agreed.
// Every answer has the CORS fields of CONTRACT §4.
class Signalling {
 public:
  Signalling(Parts& parts, RelayCalls& relay, Observer& observer);
  void handle(http::Request request, http::ExchangePtr exchange);

 private:
  // One request on its way.
  struct Dialogue {
    http::Request request;
    http::ExchangePtr exchange;
    bool publish = false;
    std::string event_id, session_id;  // of the path; the second empty at the endpoint
    Principal principal;
    std::optional<Event> event;
  };
  using DialoguePtr = std::shared_ptr<Dialogue>;

  void endpoint(const DialoguePtr& d);
  void resource(const DialoguePtr& d);
  void publish(const DialoguePtr& d);
  void subscribe(const DialoguePtr& d);
  void patch(const DialoguePtr& d, const Session& session);
  void remove(const DialoguePtr& d, const Session& session);

  // Answers and is false when the caller may not.
  [[nodiscard]] bool admit_publisher(Dialogue& d);
  [[nodiscard]] bool admit_viewer(Dialogue& d, bool programme);
  [[nodiscard]] bool has_offer(const Dialogue& d) const;
  [[nodiscard]] std::optional<Source> publisher_source(const Dialogue& d) const;
  [[nodiscard]] std::optional<std::string> watched_stream(const Dialogue& d) const;
  [[nodiscard]] bool may_use(Dialogue& d, const Session& session) const;

  // Asks the relay and, when it agrees, writes the session down with `attach`, then answers 201.
  void agree(const DialoguePtr& d, Session session, std::function<void(const Session&)> attach);
  void on_agreed(const DialoguePtr& d, Session session, const state::SessionReply& reply,
                 const std::function<void(const Session&)>& attach);
  void respond(const Dialogue& d, http::Response response) const;
  void refuse(const Dialogue& d, int status, std::string_view detail) const;
  [[nodiscard]] bool database_failed(const Dialogue& d) const;  // answers 503

  Parts& parts_;
  RelayCalls& relay_;
  Observer& observer_;
};

}  // namespace footlight::control
