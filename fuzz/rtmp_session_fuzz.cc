// rooms: rtmp
#include <array>

#include "base/check.h"
#include "rtmp/server_session.h"
#include "rtmp/testing_publisher.h"

namespace {

using namespace footlight;
using rtmp::TestPublisher;

constexpr size_t kStates = 5;

// How a session comes to each of its states.
const std::array<std::vector<uint8_t>, kStates>& openings() {
  static const std::array<std::vector<uint8_t>, kStates> kOpenings = {
      std::vector<uint8_t>{},
      TestPublisher().handshake().bytes.take(),
      TestPublisher().handshake().connect().bytes.take(),
      TestPublisher().handshake().connect().publish("key").bytes.take(),
      TestPublisher().handshake().connect().publish("key").configurations().bytes.take(),
  };
  return kOpenings;
}

struct Driver {
  Timestamp now = Timestamp::millis(1000);
  rtmp::ServerSession session{now};
  Duration decoded, heard;
  bool over = false;

  void on_event(const rtmp::Event& event) {
    CHECK(!over);  // Closed is the last
    if (std::holds_alternative<rtmp::PublishRequest>(event)) {
      session.accept(now);
      decoded = heard = {};  // each stream has times of its own
    }
    if (auto* picture = std::get_if<rtmp::VideoFrame>(&event)) {
      CHECK(picture->decode >= decoded && !picture->data.empty());
      decoded = picture->decode;
    }
    if (auto* sound = std::get_if<rtmp::AudioFrame>(&event)) {
      CHECK(sound->time >= heard && !sound->data.empty());
      heard = sound->time;
    }
    over = std::holds_alternative<rtmp::Closed>(event);
  }
  void feed(ByteView bytes) {
    while (auto event = session.read(bytes, now)) on_event(*event);
    CHECK(bytes.empty());
    CHECK(over == session.closed());
  }
};

}  // namespace

// The first byte chooses the state, the rest comes as the peer's bytes, in pieces of a length that the second chooses.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  Driver driver;
  driver.feed(openings()[data[0] % kStates]);
  ByteView rest(data + 2, size - 2);
  size_t step = size_t{data[1]} * 8 + 1;
  while (!rest.empty()) {
    ByteView piece = rest.first(std::min(step, rest.size()));
    rest = rest.subspan(piece.size());
    driver.feed(piece);
    driver.now += Duration::millis(7);
    if (auto event = driver.session.tick(driver.now)) driver.on_event(*event);
  }
  return 0;
}
