#include "control/api.h"

// Calls that the contract names and that come with later versions: refused, never ignored, and only after the door.
namespace footlight::control {
namespace {

http::Response not_yet(std::string_view what) {
  return http::problem(501, std::string(what) + " come with a later version of Footlight.");
}
http::Response scenes(Call&) { return not_yet("Scenes (this version shows the source that came on stage last)"); }
http::Response clips(Call&) { return not_yet("Clips"); }
http::Response destinations(Call&) { return not_yet("Destinations"); }
http::Response recordings(Call&) { return not_yet("Recordings by call (`record` keeps the whole event)"); }
http::Response archives(Call&) { return not_yet("Archive jobs"); }
http::Response hands(Call&) { return not_yet("Raised hands"); }
http::Response ice_servers(Call&) { return not_yet("TURN servers"); }
http::Response webhooks(Call&) { return not_yet("Webhooks"); }

constexpr auto kUnread = ApiCall::Body::kUnread;
constexpr ApiCall kCalls[] = {
    {"GET", "/events/{event}/scene", Access::kProducer, scenes},
    {"PUT", "/events/{event}/scene", Access::kProducer, scenes, kUnread},
    {"POST", "/events/{event}/take", Access::kProducer, scenes, kUnread},
    {"POST", "/events/{event}/clips", Access::kProducer, clips, kUnread},
    {"POST", "/events/{event}/clips/{clip}/play", Access::kProducer, clips, kUnread},
    {"POST", "/events/{event}/clips/{clip}/stop", Access::kProducer, clips, kUnread},
    {"GET", "/events/{event}/destinations", Access::kProducer, destinations},
    {"POST", "/events/{event}/destinations", Access::kProducer, destinations, kUnread},
    {"DELETE", "/events/{event}/destinations/{destination}", Access::kProducer, destinations},
    {"POST", "/events/{event}/recording/start", Access::kProducer, recordings, kUnread},
    {"POST", "/events/{event}/recording/stop", Access::kProducer, recordings, kUnread},
    {"GET", "/events/{event}/recordings", Access::kProducer, recordings},
    {"GET", "/events/{event}/archive", Access::kProducer, archives},
    {"POST", "/events/{event}/hand", Access::kViewer, hands, kUnread},
    {"GET", "/events/{event}/hands", Access::kProducer, hands},
    {"POST", "/events/{event}/hands/{hand}/invite", Access::kProducer, hands, kUnread},
    {"GET", "/events/{event}/ice-servers", Access::kStreamKey, ice_servers, kUnread, true},
    {"GET", "/webhooks", Access::kAdmin, webhooks},
    {"POST", "/webhooks", Access::kAdmin, webhooks, kUnread},
    {"DELETE", "/webhooks/{webhook}", Access::kAdmin, webhooks},
};

}  // namespace

std::span<const ApiCall> unbuilt_calls() { return kCalls; }

}  // namespace footlight::control
