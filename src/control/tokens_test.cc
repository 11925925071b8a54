#include <fstream>

#include "control/testing_control.h"

namespace footlight::control {
namespace {

class Tokens : public ControlTest {};

std::string token_in(const std::string& url) { return url.substr(url.find("#token=") + 7); }

TEST_F(Tokens, an_invitation_has_a_token_and_a_complete_url) {
  const std::string id = create()["id"];
  auto made = api("POST", "/events/" + id + "/tokens", {{"role", "presenter"}, {"name", "Anna"}, {"ttl_s", 60}});
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.json["role"], "presenter");
  EXPECT_EQ(made.json["name"], "Anna");
  EXPECT_EQ(made.json["url"],
            "http://host.example:8080/studio/" + id + "#token=" + made.json["token"].get<std::string>());
  EXPECT_EQ(made.json["expires_at"], "2023-11-14T22:14:20.000Z");
  EXPECT_NE(made.json["id"], api("POST", "/events/" + id + "/tokens", {{"role", "viewer"}}).json["id"]);
}

TEST_F(Tokens, impossible_invitations_are_422) {
  const auto path = "/events/" + create()["id"].get<std::string>() + "/tokens";
  for (const auto& body :
       {nlohmann::json::object(), nlohmann::json{{"role", "admin"}}, nlohmann::json{{"role", "viewer"}, {"ttl_s", 0}},
        nlohmann::json{{"role", "viewer"}, {"ttl_s", "1"}},
        nlohmann::json{{"role", "viewer"}, {"name", std::string(101, 'x')}}})
    EXPECT_EQ(api("POST", path, body).status, 422) << body;
  EXPECT_EQ(api("POST", path, {{"role", "viewer"}, {"colour", 1}}).status, 400);
}

TEST_F(Tokens, a_token_expires) {
  const std::string id = create()["id"];
  const auto token = invite(id, "producer").second;
  EXPECT_EQ(api("GET", "/events/" + id, nullptr, token).status, 200);
  clock_.advance(Duration::seconds(3600));
  EXPECT_EQ(api("GET", "/events/" + id, nullptr, token).status, 401);
}

TEST_F(Tokens, revoking_cuts_the_publisher_and_is_idempotent) {
  const std::string id = create()["id"], other = create()["id"];
  const auto [tid, token] = invite(id, "presenter");
  auto created = offer("/whip/" + id, token);
  EXPECT_EQ(api("DELETE", "/events/" + other + "/tokens/" + tid).status, 404);
  EXPECT_EQ(api("DELETE", "/events/" + id + "/tokens/" + tid).status, 204);
  EXPECT_EQ(api("DELETE", "/events/" + id + "/tokens/" + tid).status, 204);
  EXPECT_EQ(api("DELETE", "/events/" + id + "/tokens/nothing").status, 404);
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"], nlohmann::json({session_of(created)}));
  EXPECT_EQ(offer("/whip/" + id, token).status, 401);
}

TEST_F(Tokens, a_rotated_stream_key_is_shown_once_and_the_old_one_is_cut) {
  auto event = create();
  const std::string id = event["id"], old_key = event["ingest"]["stream_key"];
  auto created = offer("/whip/" + id, old_key);
  const std::string tag(*api("GET", "/events/" + id).headers.get("ETag"));
  auto rotated = api("POST", "/events/" + id + "/stream-key/rotate");
  EXPECT_EQ(rotated.status, 200);
  const std::string key = rotated.json["stream_key"];
  EXPECT_NE(key, old_key);
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"], nlohmann::json({session_of(created)}));
  EXPECT_EQ(offer("/whip/" + id, old_key).status, 401);
  EXPECT_EQ(offer("/whip/" + id, key).status, 201);
  EXPECT_EQ(sources(id).size(), 1u);
  EXPECT_EQ(*api("GET", "/events/" + id).headers.get("ETag"), tag);
}

TEST_F(Tokens, no_key_and_no_token_is_kept_in_clear) {
  auto event = create();
  const std::string key = event["ingest"]["stream_key"], token = invite(event["id"], "producer").second;
  for (const char* file : {"control.db", "control.db-wal"}) {
    std::ifstream in(folder_ / file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(bytes.find(key), std::string::npos);
    EXPECT_EQ(bytes.find(token), std::string::npos);
  }
}

TEST_F(Tokens, the_links_carry_a_producers_token_until_the_event_is_archived) {
  auto event = create();
  const std::string id = event["id"], token = token_in(event["links"]["studio"]);
  EXPECT_EQ(token_in(event["links"]["control_room"]), token);
  EXPECT_EQ(api("POST", "/events/" + id + "/go-live", nullptr, token).status, 200);
  EXPECT_EQ(offer("/whip/" + id, token).status, 201);
  restart();
  EXPECT_EQ(api("GET", "/events/" + id, nullptr, token).json["links"], event["links"]);
  EXPECT_EQ(api("POST", "/events/" + id + "/end", nullptr, token).status, 200);
  origin_says({{.id = id, .complete = true}});
  EXPECT_EQ(api("GET", "/events/" + id, nullptr, token).status, 401);
  EXPECT_EQ(api("GET", "/events/" + id).json["links"]["studio"], "http://host.example:8080/studio/" + id);
}

TEST_F(Tokens, the_watch_link_of_a_token_event_carries_a_viewers_token) {
  auto event = create({{"audience", "token"}});
  const std::string id = event["id"], token = token_in(event["links"]["watch"]);
  EXPECT_EQ(api("GET", "/events/" + id + "/watch", nullptr, token).status, 200);
  EXPECT_EQ(api("GET", "/events/" + id, nullptr, token).status, 403);
  const auto claims =
      token::verify(token, Secret(desired("origin/local", "o")["token_key"].get<std::string>()), clock_.wall_now());
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->event, id);
}

TEST_F(Tokens, a_deleted_events_tokens_do_not_open_a_new_event_of_its_id) {
  restart(true);
  desired("node/local", "n1");
  const auto invited = invite("demo", "producer").second;
  const std::string linked = token_in(api("GET", "/events/demo").json["links"]["studio"]);
  move("demo", "end");
  EXPECT_EQ(api("DELETE", "/events/demo").status, 204);
  EXPECT_EQ(api("GET", "/events/demo", nullptr, invited).status, 404);
  desired("node/local", "n2");
  EXPECT_EQ(api("GET", "/events/demo").status, 200);
  EXPECT_EQ(api("GET", "/events/demo", nullptr, invited).status, 401);
  EXPECT_EQ(api("GET", "/events/demo", nullptr, linked).status, 401);
}

}  // namespace
}  // namespace footlight::control
