#include "control/control.h"

#include <fmt/format.h>

#include "control/control_core.h"
#include "control/http_relay_calls.h"
#include "control/sqlite_repository.h"

namespace footlight::control {
namespace {

constexpr Duration kTick = Duration::millis(500);
constexpr std::string_view kSqlite = "sqlite:";

Result<std::filesystem::path, Error> database_file(const ControlOptions& options) {
  if (options.database_url.empty()) return options.data / "control.db";
  if (!options.database_url.starts_with(kSqlite) || options.database_url.size() == kSqlite.size())
    return fail(fmt::format("database.url must be sqlite:PATH, not {}", options.database_url));
  return std::filesystem::path(options.database_url.substr(kSqlite.size()));
}

}  // namespace

struct Control::Impl {
  http::Loop& loop;
  ControlOptions options;
  HttpRelayCalls relay;
  std::unique_ptr<ControlCore> core;
  http::Loop::Timer timer;

  void tick_later() {
    timer = loop.after(kTick, [this] {
      core->tick();
      tick_later();
    });
  }
};

Control::Control(http::Loop& loop, ControlOptions options) {
  const auto endpoint = options.relay_endpoint;
  auto& clock = options.clock;
  impl_ = std::unique_ptr<Impl>(new Impl{
      .loop = loop, .options = std::move(options), .relay = {loop, endpoint, clock}, .core = nullptr, .timer = {}});
}
Control::~Control() = default;

Result<void, Error> Control::open() {
  const auto file = database_file(impl_->options);
  if (!file) return unexpected(file.error());
  auto repository = SqliteRepository::open(*file);
  if (!repository) return unexpected(repository.error());
  impl_->core = std::make_unique<ControlCore>(impl_->options, std::move(*repository), impl_->relay);
  impl_->tick_later();
  return {};
}

void Control::handle_public(http::Request request, http::ExchangePtr exchange) {
  impl_->core->handle_public(std::move(request), std::move(exchange));
}
void Control::handle_roles(http::Request request, http::ExchangePtr exchange) {
  impl_->core->handle_roles(request, exchange);
}
void Control::drain() { impl_->core->drain(); }

}  // namespace footlight::control
