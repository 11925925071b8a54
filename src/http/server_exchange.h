#pragma once
// Private to http/. Include only from http/*.cc.
#include <cstdint>
#include <memory>

#include "http/server.h"

namespace footlight::http {

class Connection;

// The handler's end of request `serial` on a connection. It outlives the connection without harm; dropped before the
// answer is complete, it tells the connection.
[[nodiscard]] ExchangePtr make_server_exchange(std::weak_ptr<Connection> connection, uint64_t serial);

}  // namespace footlight::http
