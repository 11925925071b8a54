#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "relay/stream.h"
#include "state/desired.h"

namespace footlight::relay {

// All streams of a shard: who publishes where, and whose packets go to whom. Owned by the shard core.
class Router {
 public:
  [[nodiscard]] Stream& stream(const std::string& id);  // made if it is new
  [[nodiscard]] Stream* find(const std::string& id);
  // Streams of desired state: those not named lose their declaration.
  void declare(const std::vector<state::RelayStream>& streams);
  // Forgets streams that nobody uses.
  void sweep();

  // The stream has fresh packets: forward() hands them out.
  void mark(Stream& stream);
  void forward(Timestamp now);
  void tick(Timestamp now);
  [[nodiscard]] const auto& streams() const { return streams_; }
  [[nodiscard]] size_t size() const { return streams_.size(); }

 private:
  std::map<std::string, std::unique_ptr<Stream>, std::less<>> streams_;
  std::vector<Stream*> pending_;
};

}  // namespace footlight::relay
