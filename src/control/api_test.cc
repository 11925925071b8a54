#include <fstream>

#include "control/testing_control.h"

namespace footlight::control {
namespace {

class Api : public ControlTest {};

TEST_F(Api, a_new_event_has_every_field_and_its_defaults_and_shows_its_key_once) {
  auto event = create();
  EXPECT_EQ(event["state"], "draft");
  EXPECT_EQ(event["session_type"], "broadcast");
  EXPECT_EQ(event["audience"], "public");
  EXPECT_EQ(event["canvas"], nlohmann::json::parse(R"({"width":1280,"height":720,"fps":30})"));
  EXPECT_EQ(event["ladder"],
            nlohmann::json::parse(
                R"([{"name":"720p","width":1280,"height":720,"video_kbps":2000,"max_kbps":2500,"buffer_kbit":5000}])"));
  EXPECT_EQ(event["passthrough"], "off");
  EXPECT_EQ(event["record"], true);
  EXPECT_EQ(event["auto_stage"], false);
  for (const char* field : {"starts_at", "started_at", "ended_at"}) EXPECT_TRUE(event.at(field).is_null());
  EXPECT_EQ(event["ingest"]["rtmp_url"], "rtmp://host.example:1935/live");
  EXPECT_TRUE(event["ingest"]["stream_key"].is_string());
  const std::string id = event["id"];
  EXPECT_EQ(event["ingest"]["whip_url"], "http://host.example:8080/whip/" + id);
  EXPECT_EQ(event["playback"]["hls_url"], "http://host.example:8081/live/" + id + "/index.m3u8");
  EXPECT_EQ(event["links"]["watch"], "http://host.example:8080/watch/" + id);
  auto again = api("GET", "/events/" + id);
  EXPECT_TRUE(again.json["ingest"]["stream_key"].is_null());
  EXPECT_EQ(again.json["links"], event["links"]);
}

TEST_F(Api, the_ladder_follows_the_canvas) {
  auto event = create({{"canvas", {{"width", 640}, {"height", 360}}}});
  EXPECT_EQ(event["canvas"]["fps"], 30);
  EXPECT_EQ(event["ladder"][0]["name"], "360p");
  EXPECT_EQ(event["ladder"][0]["video_kbps"], 700);
  auto changed =
      api("PATCH", "/events/" + event["id"].get<std::string>(), {{"canvas", {{"width", 1280}, {"height", 720}}}});
  EXPECT_EQ(changed.json["ladder"][0]["video_kbps"], 2000);
}

TEST_F(Api, no_token_and_a_bad_token_are_401) {
  const std::string id = create()["id"];
  for (const std::string token : {"", "wrong", "sk_wrong", "a.b.c"}) {
    EXPECT_EQ(api("GET", "/events", nullptr, token).status, 401) << token;
    EXPECT_EQ(api("GET", "/events/nothing", nullptr, token).status, 401) << token;
    EXPECT_EQ(api("POST", "/events/" + id + "/go-live", nullptr, token).status, 401) << token;
  }
  auto refused = api("GET", "/events", nullptr, "");
  EXPECT_EQ(refused.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(refused.headers.get("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(refused.json["status"], 401);
}

TEST_F(Api, a_valid_token_for_another_event_or_role_is_403) {
  const std::string mine = create()["id"], other = create()["id"];
  const auto producer = invite(mine, "producer").second, presenter = invite(mine, "presenter").second,
             viewer = invite(mine, "viewer").second;
  EXPECT_EQ(api("GET", "/events/" + mine, nullptr, producer).status, 200);
  EXPECT_EQ(api("GET", "/events/" + other, nullptr, producer).status, 403);
  EXPECT_EQ(api("POST", "/events", {{"title", "x"}}, producer).status, 403);
  EXPECT_EQ(api("POST", "/events/" + mine + "/go-live", nullptr, presenter).status, 403);
  EXPECT_EQ(api("GET", "/events/" + mine + "/stream", nullptr, viewer).status, 403);
  EXPECT_EQ(api("GET", "/events", nullptr, viewer).status, 403);
  const std::string key = create()["ingest"]["stream_key"];
  EXPECT_EQ(api("GET", "/events/" + mine, nullptr, key).status, 403);
}

TEST_F(Api, an_unknown_event_with_a_valid_token_is_404) {
  EXPECT_EQ(api("GET", "/events/nothing").status, 404);
  EXPECT_EQ(api("POST", "/events/nothing/go-live").status, 404);
  EXPECT_EQ(api("GET", "/nowhere").status, 404);
  const std::string id = create()["id"];
  const auto producer = invite(id, "producer").second;
  EXPECT_EQ(api("DELETE", "/events/" + id, nullptr, producer).status, 204);
  EXPECT_EQ(api("GET", "/events/" + id, nullptr, producer).status, 404);
}

TEST_F(Api, a_wrong_method_is_405_with_allow) {
  auto refused = api("PUT", "/events");
  EXPECT_EQ(refused.status, 405);
  EXPECT_NE(refused.headers.get("Allow").value_or("").find("POST"), std::string_view::npos);
}

TEST_F(Api, too_large_and_wrong_type_come_after_the_token) {
  const Fields form{{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(reply_of(send("POST", "/api/v1/events", "", kAdmin, {}, true)).status, 413);
  EXPECT_EQ(reply_of(send("POST", "/api/v1/events", "", "wrong", {}, true)).status, 401);
  EXPECT_EQ(reply_of(send("POST", "/api/v1/events", "title=x", kAdmin, form)).status, 415);
  EXPECT_EQ(reply_of(send("POST", "/api/v1/events", "{}", kAdmin)).status, 415);
  EXPECT_EQ(reply_of(send("POST", "/api/v1/events", R"({"title":"x"})", kAdmin,
                          {{"Content-Type", "Application/JSON; charset=utf-8"}}))
                .status,
            201);
}

TEST_F(Api, unreadable_json_is_400) {
  for (const std::string body : {"{\"title\":", "[]", "7", "{\"title\":\"\xff\"}", "{'a':1}"}) {
    auto refused = reply_of(send("POST", "/api/v1/events", body, kAdmin, {{"Content-Type", "application/json"}}));
    EXPECT_EQ(refused.status, 400) << body;
  }
  const auto deep = std::string(500000, '[');
  EXPECT_EQ(reply_of(send("POST", "/api/v1/events", deep, kAdmin, {{"Content-Type", "application/json"}})).status, 400);
}

TEST_F(Api, unknown_fields_are_refused_by_name_nested_ones_too_and_before_bad_values) {
  auto refused = api("POST", "/events", {{"title", 5}, {"colour", "red"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.json["detail"].get<std::string>().find("colour"), std::string::npos);
  refused = api("POST", "/events", {{"title", "x"}, {"canvas", {{"width", 640}, {"depth", 8}}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.json["detail"].get<std::string>().find("canvas.depth"), std::string::npos);
  refused = api("POST", "/events", {{"title", "x"}, {"ladder", {{{"speed", 1}}}}});
  EXPECT_EQ(refused.status, 400);
  const std::string id = create()["id"];
  EXPECT_EQ(api("PATCH", "/events/" + id, {{"state", "live"}}).status, 400);
  EXPECT_EQ(api("POST", "/events/" + id + "/rehearse", {{"now", true}}).status, 400);
}

TEST_F(Api, impossible_values_are_422_and_name_the_field) {
  const std::vector<std::pair<std::string, nlohmann::json>> bad = {
      {"title", 5},
      {"title", ""},
      {"title", "   "},
      {"title", "a\nb"},
      {"title", std::string(201, 'x')},
      {"session_type", "party"},
      {"audience", true},
      {"passthrough", "auto"},
      {"record", "yes"},
      {"starts_at", "tomorrow"},
      {"canvas", 7},
      {"canvas", {{"width", 1}}},
      {"canvas", {{"width", 641}}},
      {"canvas", {{"fps", 61}}},
      {"canvas", {{"fps", 29.97}}},
      {"canvas", {{"height", 18446744073709551615u}}},
      {"ladder", nlohmann::json::array()},
      {"ladder", {{{"name", "a"}}, {{"name", "b"}}}},
      {"ladder", {{{"name", "A/B"}}}},
      {"ladder", {{{"video_kbps", 1}}}},
      {"ladder", {{{"width", 1920}}}},
  };
  for (const auto& [field, value] : bad) {
    nlohmann::json body = {{"title", "x"}};
    body[field] = value;
    auto refused = api("POST", "/events", body);
    EXPECT_EQ(refused.status, 422) << body << refused.text;
    EXPECT_NE(refused.text.find(field), std::string::npos) << refused.text;
  }
  EXPECT_EQ(api("POST", "/events", nlohmann::json::object()).status, 422);
  EXPECT_EQ(create({{"title", std::string(200, 'x')}})["title"], std::string(200, 'x'));
}

TEST_F(Api, states_move_as_the_contract_says_and_an_illegal_move_names_the_legal_ones) {
  const std::string id = create()["id"], path = "/events/" + id + "/";
  auto refused = api("POST", path + "end");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.json["legal"], nlohmann::json({"rehearse", "go-live"}));
  move(id, "draft");
  move(id, "rehearse");
  EXPECT_EQ(api("POST", path + "rehearse").json["state"], "rehearsal");
  move(id, "draft");
  move(id, "rehearse");
  auto live = api("POST", path + "go-live");
  EXPECT_EQ(live.json["state"], "live");
  EXPECT_TRUE(live.json["started_at"].is_string());
  EXPECT_EQ(api("POST", path + "go-live").json["started_at"], live.json["started_at"]);
  EXPECT_EQ(api("POST", path + "rehearse").json["legal"], nlohmann::json({"end"}));
  EXPECT_EQ(api("DELETE", "/events/" + id).status, 409);
  EXPECT_TRUE(api("POST", path + "end").json["ended_at"].is_string());
  move(id, "end");
  EXPECT_EQ(api("POST", path + "go-live").status, 409);
  EXPECT_EQ(api("POST", path + "go-live").json["legal"], nlohmann::json::array());
  origin_says({{.id = id, .complete = true}});
  EXPECT_EQ(api("GET", "/events/" + id).json["state"], "archived");
  EXPECT_EQ(api("POST", path + "end").json["state"], "archived");
  EXPECT_EQ(api("DELETE", "/events/" + id).status, 204);
}

TEST_F(Api, an_event_that_ends_without_having_been_live_is_archived_by_itself) {
  const std::string id = create()["id"];
  move(id, "rehearse");
  move(id, "end");
  core_->tick();
  EXPECT_EQ(api("GET", "/events/" + id).json["state"], "archived");
}

TEST_F(Api, a_completeness_of_before_the_end_does_not_archive) {
  const std::string id = create()["id"];
  move(id, "go-live");
  state::OriginObserved o;
  o.incarnation = "origin-1";
  o.applied_generation = desired("origin/local", "origin-1")["generation"];
  o.streams = {{.id = id, .complete = true}};
  move(id, "end");
  role("PUT", "/observed/origin/local", state::to_json(o));
  EXPECT_EQ(api("GET", "/events/" + id).json["state"], "ended");
}

TEST_F(Api, a_stale_if_match_is_412_and_the_tag_is_stable) {
  const std::string path = "/events/" + create()["id"].get<std::string>();
  const std::string tag(*api("GET", path).headers.get("ETag"));
  EXPECT_EQ(api("GET", path).headers.get("ETag"), tag);
  EXPECT_EQ(api("GET", path, nullptr, kAdmin, {{"If-None-Match", tag}}).status, 304);
  EXPECT_EQ(api("PATCH", path, {{"title", "B"}}, kAdmin, {{"If-Match", tag}}).status, 200);
  EXPECT_EQ(api("PATCH", path, {{"title", "C"}}, kAdmin, {{"If-Match", tag}}).status, 412);
  EXPECT_EQ(api("DELETE", path, nullptr, kAdmin, {{"If-Match", tag}}).status, 412);
  EXPECT_EQ(api("PATCH", path, {{"title", "C"}}, kAdmin, {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(api("PATCH", path, {{"title", "D"}}).json["title"], "D");
}

TEST_F(Api, what_the_programme_stands_on_is_fixed_once_it_runs) {
  const std::string id = create()["id"], path = "/events/" + id;
  move(id, "rehearse");
  EXPECT_EQ(api("PATCH", path, {{"canvas", {{"width", 640}, {"height", 360}}}}).status, 409);
  EXPECT_EQ(api("PATCH", path, {{"audience", "token"}}).status, 200);
  move(id, "go-live");
  EXPECT_EQ(api("PATCH", path, {{"audience", "public"}}).status, 409);
  EXPECT_EQ(api("PATCH", path, {{"record", false}}).status, 409);
  EXPECT_EQ(api("PATCH", path, {{"title", "Now"}, {"auto_stage", true}}).status, 200);
}

TEST_F(Api, the_session_type_changes_while_live_and_status_follows) {
  const std::string id = create()["id"];
  move(id, "go-live");
  const auto before = origin_stream(id)["status"];
  EXPECT_EQ(api("PUT", "/events/" + id + "/session-type", {{"session_type", "interactive"}}).json["session_type"],
            "interactive");
  const auto after = origin_stream(id)["status"];
  EXPECT_EQ(after["session_type"], "interactive");
  EXPECT_GT(after["version"], before["version"]);
  EXPECT_EQ(api("PUT", "/events/" + id + "/session-type", {{"session_type", "x"}}).status, 422);
  EXPECT_EQ(api("PUT", "/events/" + id + "/session-type", nlohmann::json::object()).status, 422);
}

TEST_F(Api, the_list_is_paged_newest_first_and_a_producer_sees_only_their_event) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(create()["id"]);
    clock_.advance(Duration::millis(1));
  }
  auto page = api("GET", "/events?limit=2").json;
  EXPECT_EQ(page["items"][0]["id"], ids[4]);
  std::vector<std::string> seen;
  while (true) {
    for (auto& item : page["items"]) seen.push_back(item["id"]);
    if (page["next"].is_null()) break;
    page = api("GET", "/events?limit=2&after=" + page["next"].get<std::string>()).json;
  }
  std::reverse(seen.begin(), seen.end());
  EXPECT_EQ(seen, ids);
  EXPECT_EQ(api("GET", "/events?limit=0").status, 422);
  EXPECT_EQ(api("GET", "/events?after=zzz").status, 422);
  auto own = api("GET", "/events", nullptr, invite(ids[1], "producer").second).json;
  ASSERT_EQ(own["items"].size(), 1u);
  EXPECT_EQ(own["items"][0]["id"], ids[1]);
}

TEST_F(Api, watch_needs_no_token_on_public_events_and_one_on_token_events) {
  const std::string open = create()["id"], closed = create({{"audience", "token"}})["id"];
  auto watch = api("GET", "/events/" + open + "/watch", nullptr, "");
  EXPECT_EQ(watch.status, 200);
  EXPECT_EQ(watch.json["title"], "Test");
  EXPECT_TRUE(watch.json["playback"]["hls_url"].is_string());
  EXPECT_EQ(api("GET", "/events/" + closed + "/watch", nullptr, "").status, 401);
  EXPECT_EQ(api("GET", "/events/" + closed + "/watch", nullptr, invite(closed, "viewer").second).status, 200);
  EXPECT_EQ(api("GET", "/events/" + closed + "/watch", nullptr, invite(open, "viewer").second).status, 403);
  EXPECT_EQ(api("GET", "/events/nothing/watch", nullptr, "").status, 404);
}

TEST_F(Api, what_the_contract_names_and_is_not_built_is_501_after_the_door) {
  const std::string path = "/events/" + create()["id"].get<std::string>();
  for (const char* call : {"/scene", "/destinations", "/recordings", "/archive", "/hands", "/ice-servers"})
    EXPECT_EQ(api("GET", path + call).status, 501) << call;
  for (const char* call : {"/take", "/clips", "/destinations", "/recording/start", "/hand", "/hands/1/invite"})
    EXPECT_EQ(api("POST", path + call, nlohmann::json::object()).status, 501) << call;
  EXPECT_EQ(api("POST", "/webhooks", nlohmann::json::object()).status, 501);
  EXPECT_EQ(api("GET", path + "/scene", nullptr, "").status, 401);
  EXPECT_EQ(api("GET", "/events/nothing/scene").status, 404);
  EXPECT_EQ(api("GET", path + "/ice-servers", nullptr, "").status, 501);
}

TEST_F(Api, a_database_that_fails_is_503_and_the_process_lives) {
  const std::string id = create()["id"];
  {
    auto other =
        db::Database::open(folder_ / "control.db", std::span<const std::string_view>(std::vector<std::string_view>(1)));
    ASSERT_TRUE(other);
    other->run("ALTER TABLE events RENAME TO events_away");
    EXPECT_EQ(api("GET", "/events/" + id).status, 503);
    EXPECT_EQ(api("POST", "/events", {{"title", "x"}}).status, 503);
    EXPECT_EQ(reply_of(send("GET", "/healthz", "", "")).status, 200);
    other->run("ALTER TABLE events_away RENAME TO events");
  }
  EXPECT_EQ(api("GET", "/events/" + id).status, 200);
}

TEST_F(Api, the_openapi_document_is_served) {
  auto document = api("GET", "/openapi.yaml", nullptr, "");
  EXPECT_EQ(document.status, 200);
  EXPECT_EQ(document.text.rfind("openapi: 3.1", 0), 0u);
}

TEST_F(Api, events_survive_a_restart) {
  auto event = create({{"title", "Bühne"}, {"starts_at", "2026-11-22T18:30:00+01:00"}});
  move(event["id"], "go-live");
  const auto before = api("GET", "/events/" + event["id"].get<std::string>());
  restart();
  const auto after = api("GET", "/events/" + event["id"].get<std::string>());
  EXPECT_EQ(before.json, after.json);
  EXPECT_EQ(before.headers.get("ETag"), after.headers.get("ETag"));
  EXPECT_EQ(after.json["starts_at"], "2026-11-22T17:30:00.000Z");
}

}  // namespace
}  // namespace footlight::control
