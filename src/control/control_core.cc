#include "control/control_core.h"

#include "base/random.h"

namespace footlight::control {
namespace {

constexpr size_t kMasterKeyBytes = 32;
constexpr std::string_view kMasterKeySetting = "keyring.master";

// Made once; every derived key and link hangs on it. The database file is private (0600).
Secret master_key(Repository& repository) {
  if (auto key = repository.setting(kMasterKeySetting); !key.empty()) return Secret(std::move(key));
  auto key = random_id(kMasterKeyBytes);
  repository.begin(Durability::kPower);
  repository.set_setting(kMasterKeySetting, key);
  // A database that cannot keep it answers 503 to every change, so no link of a forgotten key gets out.
  (void)repository.commit();
  return Secret(std::move(key));
}

// Counts the status of an answer on its way to the peer.
class CountedExchange final : public http::Exchange {
 public:
  CountedExchange(http::ExchangePtr inner, RequestCounters& counters) : inner_(std::move(inner)), counters_(counters) {}
  void respond(http::Response response) override {
    counters_.count(response.status);
    inner_->respond(std::move(response));
  }
  void start(http::Response head) override {
    counters_.count(head.status);
    inner_->start(std::move(head));
  }
  void write(std::string chunk) override { inner_->write(std::move(chunk)); }
  void finish() override { inner_->finish(); }
  void on_closed(std::function<void()> fn) override { inner_->on_closed(std::move(fn)); }

 private:
  http::ExchangePtr inner_;
  RequestCounters& counters_;
};

}  // namespace

ControlCore::ControlCore(const ControlOptions& options, std::unique_ptr<Repository> repository, RelayCalls& relay)
    : repository_(std::move(repository)),
      keyring_(master_key(*repository_)),
      authorizer_(*repository_, keyring_, options.admin_token, options.clock),
      addresses_({options.http_public_url, options.origin_public_url, options.http_port, options.origin_port,
                  options.tls, options.rtmp_port}),
      stream_(*repository_, authorizer_, options.clock),
      changes_(*repository_, stream_),
      parts_{*repository_, keyring_, authorizer_, addresses_, stream_, changes_, options.clock, last_documents_},
      documents_(*repository_, keyring_, options.clock, {options.hls, options.hls_window_s}),
      desired_(documents_, *repository_, options.clock),
      observer_(parts_, desired_),
      roles_(parts_, desired_, observer_, options.demo),
      signalling_(parts_, relay, observer_),
      api_(parts_),
      health_(parts_, observer_, roles_, counters_, options.server_metrics) {
  changes_.on_changed([this] { desired_.refresh(); });
}

void ControlCore::handle_public(http::Request request, http::ExchangePtr exchange) {
  auto counted = std::make_shared<CountedExchange>(std::move(exchange), counters_);
  if (health_.handle(request, counted)) return;
  const auto path = request.path();
  if (path.starts_with("/whip/") || path.starts_with("/whep/"))
    return signalling_.handle(std::move(request), std::move(counted));
  api_.handle(std::move(request), std::move(counted));
}

void ControlCore::tick() {
  stream_.tick();
  desired_.tick();
  observer_.tick();
}

void ControlCore::drain() {
  stream_.close_all();
  desired_.close_all();
}

}  // namespace footlight::control
