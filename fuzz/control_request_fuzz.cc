// rooms: control
#include <cstdlib>
#include <filesystem>

#include "control/control_core.h"
#include "control/sqlite_repository.h"

// The whole of control over a scratch database: lines "METHOD target" and then a body, sent as admin, as nobody, and on
// control.sock. Whatever comes, there is an answer or a held request.
namespace {

using namespace footlight;

class Relay final : public control::RelayCalls {
 public:
  void create(const state::SessionRequest&, CreateCallback done) override {
    done(state::SessionReply{.answer = "v=0", .relay_epoch = "r", .ice_tag = "t"});
  }
  void patch(const std::string&, const std::string&, PatchCallback done) override { done(control::PatchAnswer{}); }
};

class Quiet final : public http::Exchange {
 public:
  void respond(http::Response) override {}
  void start(http::Response) override {}
  void write(std::string) override {}
  void finish() override {}
  void on_closed(std::function<void()> fn) override { closed_ = std::move(fn); }
  ~Quiet() override = default;

 private:
  std::function<void()> closed_;
};

struct World {
  World() {
    std::string folder = (std::filesystem::temp_directory_path() / "footlight-fuzz-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    auto repository = control::SqliteRepository::open(folder_ / "control.db");
    if (!repository) abort();
    core = std::make_unique<control::ControlCore>(
        control::ControlOptions{.admin_token = Secret("admin"), .demo = true, .clock = clock}, std::move(*repository),
        relay);
    core->handle_roles({.target = "/desired/node/local?incarnation=n"}, std::make_shared<Quiet>());
  }
  ~World() { std::filesystem::remove_all(folder_); }
  ManualClock clock;
  Relay relay;
  std::filesystem::path folder_;
  std::unique_ptr<control::ControlCore> core;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto take = [&](char until) {
    const auto part = text.substr(0, text.find(until));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return std::string(part);
  };
  http::Request request{.method = take(' '), .target = take('\n')};
  request.headers.set("Content-Type", take('\n'));
  request.headers.set("If-Match", take('\n'));
  request.headers.set("Last-Event-ID", take('\n'));
  request.headers.set("Host", take('\n'));
  request.body = std::string(text);
  world.core->handle_roles(request, std::make_shared<Quiet>());
  world.core->handle_public(request, std::make_shared<Quiet>());
  request.headers.set("Authorization", "Bearer admin");
  world.core->handle_public(request, std::make_shared<Quiet>());
  world.core->tick();
  return 0;
}
