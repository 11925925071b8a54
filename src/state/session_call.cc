#include "state/session_call.h"

#include "state/json_fields.h"

namespace footlight::state {

void to_json(nlohmann::json& j, const SessionRequest& v) {
  j = {{"id", v.id}, {"kind", v.kind}, {"stream", v.stream}, {"offer", v.offer}};
}
void from_json(const nlohmann::json& j, SessionRequest& v) {
  read(j, "id", v.id);
  read(j, "kind", v.kind);
  read(j, "stream", v.stream);
  read(j, "offer", v.offer);
}
void to_json(nlohmann::json& j, const SessionReply& v) {
  j = {{"answer", v.answer}, {"relay_epoch", v.relay_epoch}, {"ice_tag", v.ice_tag}, {"tracks", v.tracks}};
}
void from_json(const nlohmann::json& j, SessionReply& v) {
  read(j, "answer", v.answer);
  read(j, "relay_epoch", v.relay_epoch);
  read(j, "ice_tag", v.ice_tag);
  read(j, "tracks", v.tracks);
}

std::string to_json(const SessionRequest& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<SessionRequest, Error> parse_session_request(std::string_view text) { return parse<SessionRequest>(text); }
std::string to_json(const SessionReply& v) {
  nlohmann::json j;
  to_json(j, v);
  return j.dump();
}
Result<SessionReply, Error> parse_session_reply(std::string_view text) { return parse<SessionReply>(text); }

}  // namespace footlight::state
