#include "control/testing_control.h"

namespace footlight::control {
namespace {

class Signalling : public ControlTest {
 protected:
  Reply patch(const std::string& location, const std::string& token, const Fields& fields,
              const std::string& body = "a=candidate:1") {
    Fields all = fields;
    all.emplace("Content-Type", "application/trickle-ice-sdpfrag");
    return reply_of(send("PATCH", path_of(location), body, token, all));
  }
  static std::string path_of(const std::string& url) { return url.substr(url.find("/wh")); }
  static std::string location_of(const Reply& reply) { return path_of(std::string(*reply.headers.get("Location"))); }
};

TEST_F(Signalling, whip_answers_201_with_answer_location_and_etag) {
  const std::string id = create()["id"];
  auto reply = offer("/whip/" + id, invite(id, "presenter").second);
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.text, "v=0 answer");
  EXPECT_EQ(reply.headers.get("Content-Type"), "application/sdp");
  EXPECT_EQ(reply.headers.get("ETag"), "\"ice1\"");
  EXPECT_EQ(reply.headers.get("Location")->substr(0, 28 + id.size()),
            "http://host.example:8080/whip/" + id.substr(0, id.size() - 2));
  EXPECT_TRUE(std::ranges::any_of(reply.headers.fields(), [](const auto& f) { return f.name == "location"; }))
      << "in the case that every OBS knows";
  EXPECT_GE(session_of(reply).size(), 22u);
  EXPECT_EQ(reply.headers.get("Access-Control-Allow-Origin"), "*");
  for (const char* name : {"Location", "Link", "ETag"})
    EXPECT_NE(reply.headers.get("Access-Control-Expose-Headers")->find(name), std::string_view::npos);
  ASSERT_EQ(relay_.created.size(), 1u);
  EXPECT_EQ(relay_.created[0].kind, "publish");
  EXPECT_EQ(relay_.created[0].offer, "v=0");
}

TEST_F(Signalling, whip_takes_presenters_producers_admin_and_the_stream_key) {
  auto event = create();
  const std::string id = event["id"];
  for (const std::string& token : {invite(id, "presenter").second, invite(id, "producer").second, std::string(kAdmin),
                                   event["ingest"]["stream_key"].get<std::string>()})
    EXPECT_EQ(offer("/whip/" + id, token).status, 201);
  EXPECT_EQ(sources(id).size(), 4u);
}

TEST_F(Signalling, whip_refuses_as_the_contract_says) {
  auto event = create(), other = create();
  const std::string id = event["id"], target = "/whip/" + id;
  const auto presenter = invite(id, "presenter").second;
  EXPECT_EQ(offer(target, "").status, 401);
  EXPECT_EQ(offer(target, "wrong").status, 401);
  EXPECT_EQ(offer(target, invite(other["id"], "presenter").second).status, 403);
  EXPECT_EQ(offer(target, other["ingest"]["stream_key"]).status, 403);
  EXPECT_EQ(offer(target, invite(id, "viewer").second).status, 403);
  EXPECT_EQ(offer("/whip/nothing", kAdmin).status, 404);
  EXPECT_EQ(reply_of(send("POST", target, "{}", presenter, {{"Content-Type", "application/json"}})).status, 415);
  EXPECT_EQ(reply_of(send("POST", target, "v=0", presenter)).status, 415);
  EXPECT_EQ(reply_of(send("POST", target, "", presenter, {}, true)).status, 413);
  EXPECT_EQ(reply_of(send("POST", target, "", presenter, {{"Content-Type", "application/sdp"}})).status, 400);
  EXPECT_EQ(offer(target + "?source=" + std::string(65, 'x'), presenter).status, 422);
  EXPECT_TRUE(relay_.created.empty());
  for (int status : {400, 422, 503}) {
    relay_.refusal = CallError{status, "No codec that we have: H265."};
    auto refused = offer(target, presenter);
    EXPECT_EQ(refused.status, status);
    EXPECT_EQ(refused.json["detail"], "No codec that we have: H265.");
    EXPECT_EQ(refused.headers.get("Access-Control-Allow-Origin"), "*");
  }
  EXPECT_TRUE(sources(id).empty());
}

TEST_F(Signalling, an_offer_or_a_source_name_that_is_not_utf8_is_refused_and_leaves_the_event_readable) {
  const std::string id = create()["id"], target = "/whip/" + id;
  const auto offered = [&](const std::string& to, const std::string& sdp) {
    return reply_of(send("POST", to, sdp, kAdmin, {{"Content-Type", "application/sdp"}})).status;
  };
  EXPECT_EQ(offered(target, "v=0\r\ns=caf\xe9\r\n"), 400);
  EXPECT_EQ(offered(target + "?source=%ff%fe", "v=0"), 422);
  EXPECT_TRUE(relay_.created.empty());
  EXPECT_EQ(offered(target + "?source=K%C3%BCche", "v=0"), 201);
  EXPECT_EQ(sources(id)[0]["name"], "K\u00fcche");
}

TEST_F(Signalling, whip_is_open_in_draft_rehearsal_and_live_and_409_afterwards) {
  const std::string id = create()["id"];
  const auto token = invite(id, "presenter").second;
  EXPECT_EQ(offer("/whip/" + id, token).status, 201);
  move(id, "rehearse");
  EXPECT_EQ(offer("/whip/" + id, token).status, 201);
  move(id, "go-live");
  EXPECT_EQ(offer("/whip/" + id, token).status, 201);
  move(id, "end");
  EXPECT_EQ(offer("/whip/" + id, token).status, 409);
  origin_says({{.id = id, .complete = true}});
  EXPECT_EQ(offer("/whip/" + id, token).status, 409);
}

TEST_F(Signalling, other_methods_of_the_endpoints_are_405_and_preflights_are_answered) {
  const std::string id = create()["id"];
  for (const std::string& endpoint : {"/whip/" + id, "/whep/" + id}) {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "PATCH"}) {
      auto refused = reply_of(send(method, endpoint, "", ""));
      EXPECT_EQ(refused.status, 405) << method;
      EXPECT_EQ(refused.headers.get("Access-Control-Allow-Origin"), "*");
    }
    auto preflight = reply_of(send("OPTIONS", endpoint, "", ""));
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_NE(preflight.headers.get("Access-Control-Allow-Headers")->find("Authorization"), std::string_view::npos);
    EXPECT_EQ(preflight.headers.get("Accept-Post"), "application/sdp");
    EXPECT_FALSE(preflight.headers.get("Link"));
  }
  EXPECT_EQ(reply_of(send("GET", "/whip/" + id + "/session", "", "")).status, 405);
  EXPECT_EQ(reply_of(send("OPTIONS", "/whip/" + id + "/session", "", "")).status, 204);
  EXPECT_EQ(reply_of(send("POST", "/whip/", "", "")).status, 404);
  EXPECT_EQ(reply_of(send("POST", "/whip/a/b/c", "", "")).status, 404);
}

TEST_F(Signalling, trickle_is_204_and_an_ice_restart_200_with_a_new_etag) {
  const std::string id = create()["id"];
  const auto token = invite(id, "presenter").second;
  const auto location = location_of(offer("/whip/" + id, token));
  EXPECT_EQ(patch(location, token, {{"If-Match", "\"ice1\""}}).status, 204);
  EXPECT_EQ(relay_.patched[0].second, "a=candidate:1");
  relay_.patch_answer = PatchAnswer{"a=ice-ufrag:new", "ice2"};
  auto restarted = patch(location, token, {{"If-Match", "*"}});
  EXPECT_EQ(restarted.status, 200);
  EXPECT_EQ(restarted.text, "a=ice-ufrag:new");
  EXPECT_EQ(restarted.headers.get("Content-Type"), "application/trickle-ice-sdpfrag");
  EXPECT_EQ(restarted.headers.get("ETag"), "\"ice2\"");
  relay_.patch_answer = PatchAnswer{};
  EXPECT_EQ(patch(location, token, {{"If-Match", "\"ice1\""}}).status, 412);
  EXPECT_EQ(patch(location, token, {{"If-Match", "\"ice2\""}}).status, 204);
  EXPECT_EQ(patch(location, token, {{"If-Match", "\"other\", \"ice2\""}}).status, 204);
}

TEST_F(Signalling, patch_refuses_as_rfc_9725_says) {
  const std::string id = create()["id"];
  const auto token = invite(id, "presenter").second;
  const auto location = location_of(offer("/whip/" + id, token));
  const Fields match{{"If-Match", "*"}};
  EXPECT_EQ(patch(location, token, {}).status, 428);
  EXPECT_EQ(patch(location, token, {{"If-Match", "\"other\""}}).status, 412);
  EXPECT_EQ(patch(location, "", match).status, 401);
  EXPECT_EQ(patch(location, invite(id, "presenter").second, match).status, 403);
  EXPECT_EQ(patch(location, token, match, "").status, 400);
  EXPECT_EQ(patch("/whip/" + id + "/unknown", token, match).status, 404);
  EXPECT_EQ(patch("/whip/" + id + "/unknown", "", match).status, 401);
  EXPECT_EQ(reply_of(send("PATCH", location, "x", token, {{"Content-Type", "application/sdp"}})).status, 415);
  EXPECT_TRUE(relay_.patched.empty());
  relay_.patch_answer = unexpected(CallError{400, "unreadable"});
  EXPECT_EQ(patch(location, token, match).status, 400);
}

TEST_F(Signalling, delete_ends_the_session_and_the_relay_is_told) {
  const std::string id = create()["id"];
  const auto token = invite(id, "presenter").second;
  auto created = offer("/whip/" + id, token);
  relay_says({observed_session(created, "connected")});
  EXPECT_EQ(reply_of(send("DELETE", location_of(created), "", invite(id, "presenter").second)).status, 403);
  EXPECT_EQ(reply_of(send("DELETE", location_of(created), "", token)).status, 200);
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"], nlohmann::json({session_of(created)}));
  EXPECT_EQ(sources(id)[0]["state"], "idle");
  EXPECT_EQ(reply_of(send("DELETE", location_of(created), "", token)).status, 404);
  relay_says({observed_session(created, "ended")});
  EXPECT_TRUE(desired("relay/local", "relay-1")["ended_sessions"].empty());
}

TEST_F(Signalling, a_whip_session_survives_a_restart_of_control) {
  const std::string id = create()["id"];
  const auto token = invite(id, "presenter").second;
  auto created = offer("/whip/" + id, token);
  relay_says({observed_session(created, "connected")});
  restart();
  EXPECT_EQ(sources(id)[0]["state"], "connected");
  EXPECT_EQ(patch(location_of(created), token, {{"If-Match", "\"ice1\""}}).status, 204);
  EXPECT_EQ(reply_of(send("DELETE", location_of(created), "", token)).status, 200);
}

TEST_F(Signalling, a_second_publish_takes_over_and_the_old_page_is_told) {
  const std::string id = create()["id"];
  const auto token = invite(id, "presenter").second, stranger = invite(id, "presenter").second;
  auto mine = send("GET", "/api/v1/events/" + id + "/stream", "", token);
  auto theirs = send("GET", "/api/v1/events/" + id + "/stream", "", stranger);
  auto first = offer("/whip/" + id, token);
  relay_says({observed_session(first, "connected")});
  const std::string source = sources(id)[0]["id"];
  auto second = offer("/whip/" + id, token);
  EXPECT_EQ(second.status, 201);
  EXPECT_NE(mine->text.find("event: source.taken_over\ndata: {\"source\":\"" + source + "\",\"session\":\"" +
                            session_of(first) + "\"}"),
            std::string::npos)
      << mine->text;
  EXPECT_EQ(theirs->text.find("taken_over"), std::string::npos);
  relay_says({observed_session(first, "ended"), observed_session(second, "connected")});
  ASSERT_EQ(sources(id).size(), 1u);
  EXPECT_EQ(sources(id)[0]["id"], source);
  EXPECT_EQ(sources(id)[0]["state"], "connected");
}

TEST_F(Signalling, sources_are_told_apart_by_subject_and_name_and_screens_are_screens) {
  const std::string id = create()["id"];
  const auto anna = invite(id, "presenter").second, ben = invite(id, "presenter").second;
  offer("/whip/" + id, anna);
  offer("/whip/" + id + "?source=screen%202", anna);
  offer("/whip/" + id, ben);
  offer("/whip/" + id, anna);
  auto list = sources(id);
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["kind"], "camera");
  EXPECT_EQ(list[0]["name"], "camera");
  EXPECT_EQ(list[1]["kind"], "screen");
  EXPECT_EQ(list[1]["name"], "screen 2");
  EXPECT_EQ(relay_.created[0].stream, relay_.created[3].stream);
}

TEST_F(Signalling, a_token_revoked_while_the_relay_thinks_gets_no_session) {
  const std::string id = create()["id"];
  const auto [tid, token] = invite(id, "presenter");
  relay_.hold = true;
  auto waiting = send("POST", "/whip/" + id, "v=0", token, {{"Content-Type", "application/sdp"}});
  EXPECT_EQ(api("DELETE", "/events/" + id + "/tokens/" + tid).status, 204);
  relay_.answer_create(relay_.held[0]);
  EXPECT_EQ(reply_of(waiting).status, 401);
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"].size(), 1u);
  EXPECT_TRUE(sources(id).empty());
}

TEST_F(Signalling, whep_of_a_public_live_event_needs_no_token) {
  const std::string id = create()["id"];
  auto early = offer("/whep/" + id, "");
  EXPECT_EQ(early.status, 409);
  EXPECT_TRUE(early.headers.get("Retry-After"));
  move(id, "go-live");
  auto created = offer("/whep/" + id, "");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(relay_.created.back().kind, "subscribe");
  EXPECT_EQ(relay_.created.back().stream, "programme/" + id);
  EXPECT_EQ(offer("/whep/" + id, "stale token").status, 201);
  EXPECT_EQ(patch(location_of(created), "", {{"If-Match", "*"}}).status, 204);
  EXPECT_EQ(reply_of(send("DELETE", location_of(created), "", "")).status, 200);
  EXPECT_EQ(reply_of(send("DELETE", location_of(created), "", "")).status, 404);
  EXPECT_EQ(offer("/whep/nothing", "").status, 404);
  relay_.refusal = CallError{406, "The offer has no H264."};
  EXPECT_EQ(offer("/whep/" + id, "").status, 406);
  relay_.refusal = CallError{409, "The stream has no tracks."};
  EXPECT_TRUE(offer("/whep/" + id, "").headers.get("Retry-After"));
  move(id, "end");
  EXPECT_EQ(offer("/whep/" + id, "").status, 409);
}

TEST_F(Signalling, whep_of_a_token_event_asks_for_a_viewer_of_it) {
  const std::string id = create({{"audience", "token"}})["id"], other = create()["id"];
  move(id, "go-live");
  EXPECT_EQ(offer("/whep/" + id, "").status, 401);
  EXPECT_EQ(offer("/whep/" + id, "wrong").status, 401);
  EXPECT_EQ(offer("/whep/" + id, invite(other, "viewer").second).status, 403);
  const auto [tid, viewer] = invite(id, "viewer");
  auto created = offer("/whep/" + id, viewer);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(patch(location_of(created), "", {{"If-Match", "*"}}).status, 401);
  EXPECT_EQ(api("DELETE", "/events/" + id + "/tokens/" + tid).status, 204);
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"], nlohmann::json({session_of(created)}));
  EXPECT_EQ(offer("/whep/" + id, viewer).status, 401);
}

TEST_F(Signalling, rehearsal_is_watched_by_producers_and_presenters_only) {
  const std::string id = create()["id"];
  const auto producer = invite(id, "producer").second, presenter = invite(id, "presenter").second;
  EXPECT_EQ(offer("/whep/" + id, producer).status, 409);
  move(id, "rehearse");
  EXPECT_EQ(offer("/whep/" + id, producer).status, 201);
  auto viewing = offer("/whep/" + id, presenter);
  EXPECT_EQ(viewing.status, 201);
  EXPECT_EQ(offer("/whep/" + id, "").status, 409);
  EXPECT_EQ(offer("/whep/" + id, invite(id, "viewer").second).status, 409);
  EXPECT_EQ(offer("/whep/" + id, "wrong").status, 401);
  move(id, "draft");
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"].size(), 2u);
}

TEST_F(Signalling, single_sources_are_for_producers_and_presenters_on_stage) {
  const std::string id = create()["id"];
  const auto producer = invite(id, "producer").second, presenter = invite(id, "presenter").second;
  auto publishing = offer("/whip/" + id, presenter);
  const std::string source = sources(id)[0]["id"], target = "/whep/" + id + "?source=" + source;
  EXPECT_EQ(offer(target, "").status, 401);
  EXPECT_EQ(offer(target, invite(id, "viewer").second).status, 403);
  EXPECT_EQ(offer(target, presenter).status, 403);
  EXPECT_EQ(offer(target, producer).status, 201);
  EXPECT_EQ(relay_.created.back().stream, source);
  EXPECT_EQ(offer("/whep/" + id + "?source=nothing", producer).status, 404);
  relay_says({observed_session(publishing, "connected")});
  EXPECT_EQ(offer(target, presenter).status, 201);
}

}  // namespace
}  // namespace footlight::control
