#include "relay/replay.h"

namespace footlight::relay {

Replay::Replay(const dtls::Certificate& certificate) : certificate_(certificate) { begin({}); }

void Replay::begin(const CaptureRecord& options) {
  CoreOptions core;
  core.epoch = std::string(options.id);
  if (auto pipe = SocketAddress::parse(std::string(as_text(options.body)))) core.pipe_address = *pipe;
  core_ = std::make_unique<ShardCore>(std::move(core), certificate_, media_, pipe_);
}

bool Replay::play(ByteView capture) {
  auto reader = CaptureReader::open(capture);
  if (!reader) return false;
  tape_.start();
  CaptureRecord record;
  while (reader->next(record)) {
    if (record.kind == CaptureKind::kOptions)
      begin(record);
    else if (record.kind == CaptureKind::kRandom)
      tape_.append(record.body);
    else if (record.kind == CaptureKind::kLost)
      gap_ = true;
    else
      core_->replay(record);
  }
  tape_.stop();
  return !reader->error();
}

state::RelayObserved Replay::observed(Timestamp now) { return core_->observed(now); }

}  // namespace footlight::relay
