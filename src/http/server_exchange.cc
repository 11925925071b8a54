#include "http/server_exchange.h"

#include "http/connection.h"

namespace footlight::http {
namespace {

class ServerExchange final : public Exchange {
 public:
  ServerExchange(std::weak_ptr<Connection> connection, uint64_t serial)
      : connection_(std::move(connection)), serial_(serial) {}
  ~ServerExchange() override {
    if (auto c = connection_.lock()) c->on_dropped(serial_);
  }
  void respond(Response response) override {
    if (auto c = connection_.lock()) c->respond(serial_, std::move(response));
  }
  void start(Response head) override {
    if (auto c = connection_.lock()) c->start_stream(serial_, head);
  }
  void write(std::string chunk) override {
    if (auto c = connection_.lock()) c->write_stream(serial_, std::move(chunk));
  }
  void finish() override {
    if (auto c = connection_.lock()) c->finish_stream(serial_);
  }
  void on_closed(std::function<void()> fn) override {
    if (auto c = connection_.lock()) c->set_on_closed(serial_, std::move(fn));
  }

 private:
  std::weak_ptr<Connection> connection_;
  uint64_t serial_;
};

}  // namespace

ExchangePtr make_server_exchange(std::weak_ptr<Connection> connection, uint64_t serial) {
  return std::make_shared<ServerExchange>(std::move(connection), serial);
}

}  // namespace footlight::http
