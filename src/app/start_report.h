#pragma once
#include <memory>
#include <string>

#include "app/config.h"
#include "app/listeners.h"
#include "base/secret.h"
#include "http/client.h"

namespace footlight::app {

// Where people reach the pages: http.public_url, else the http listener (its first address that others can reach).
[[nodiscard]] std::string home_url(const Config& config, const Listeners& listeners);

// The lines that `serve` prints (CONTRACT §2): `home:` at once, with --demo `watch:`, `studio:` and `control-room:`
// when the demo event stands, and `ready` when /readyz is 200. Owned by serve, on its loop.
class StartReport {
 public:
  struct Options {
    std::string endpoint;  // control.sock
    std::string home;
    Secret admin_token;
    bool demo = false;
  };
  StartReport(http::Loop& loop, Options options);
  void start();

 private:
  void ask_for_demo();
  void ask_whether_ready();
  [[nodiscard]] http::Request request(std::string target) const;

  http::Loop& loop_;
  Options options_;
  http::Client client_;
  http::Loop::Timer timer_;
};

}  // namespace footlight::app
