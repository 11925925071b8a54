#include "relay/stream.h"

#include <algorithm>

namespace footlight::relay {

const Publication::Track* Stream::track_of(media::Kind kind) const {
  if (!publication_) return nullptr;
  for (const auto& track : publication_->tracks)
    if (track.kind == kind) return &track;
  return nullptr;
}

void Stream::set_publication(Publication* publication, Timestamp now) {
  publication_ = publication;
  for (const auto& consumers : consumers_)
    for (Consumer* consumer : consumers) consumer->set_track(track_of(consumer->kind()), now);
}

void Stream::add(Consumer& consumer, Timestamp now) {
  of(consumer.kind()).push_back(&consumer);
  consumer.set_track(track_of(consumer.kind()), now);
}

void Stream::remove(Consumer& consumer) { std::erase(of(consumer.kind()), &consumer); }

std::vector<state::PipeTrack> Stream::available() const {
  if (!publication_ || publication_->tracks.empty()) return declared_;
  std::vector<state::PipeTrack> tracks;
  for (const auto& track : publication_->tracks) tracks.push_back(track.pipe);
  return tracks;
}

void Stream::forward(Timestamp now) {
  if (!publication_) return;
  for (const auto& track : publication_->tracks) {
    for (const auto& layer : track.layers) {
      Producer& producer = *layer.producer;
      if (producer.fresh().empty()) continue;
      hand_out(producer, of(track.kind), now);
      if (!taps_.empty()) tap(producer, now);
      producer.clear_fresh();
    }
  }
}

void Stream::hand_out(Producer& producer, const std::vector<Consumer*>& consumers, Timestamp now) {
  for (size_t i = 0; i < consumers.size(); ++i) {
    Consumer* consumer = consumers[i];
    for (size_t ahead = 1; ahead <= 3 && i + ahead < consumers.size(); ++ahead)
      consumers[i + ahead]->prefetch_step(static_cast<int>(3 - ahead));
    if (consumer->producer() == &producer)
      consumer->forward(producer.fresh(), now);
    else if (producer.fresh_key() && consumer->awaits(producer))
      consumer->on_layer_key(now);
  }
}

void Stream::tap(const Producer& producer, Timestamp now) {
  for (size_t t = 0; t < publication_->tracks.size(); ++t)
    for (size_t l = 0; l < publication_->tracks[t].layers.size(); ++l)
      if (publication_->tracks[t].layers[l].producer.get() == &producer)
        for (PacketTap* taker : taps_)
          if (taker->publication() == publication_) taker->forward(t, l, producer, now);
}

void Stream::tick(Timestamp now) {
  for (const auto& consumers : consumers_)
    for (Consumer* consumer : consumers) consumer->tick(now);
}

}  // namespace footlight::relay
