#include "relay/link_pull.h"

namespace footlight::relay {

bool LinkPull::replaces(const LinkAnnouncement& announcement) const {
  return publication_ ? announcement.version != version_ : announcement.track_count > 0;
}

void LinkPull::take(const LinkAnnouncement& announcement) {
  version_ = announcement.version;
  if (announcement.track_count == 0) return publication_.reset();
  // Made before the old one goes: who compares addresses must not take the one for the other.
  auto fresh = std::make_unique<Publication>();
  fresh->owner = announcement.owner;
  fresh->from_pipe = true;
  for (size_t t = 0; t < announcement.track_count; ++t) {
    const LinkAnnouncement::Track& track = announcement.tracks[t];
    ProducerParameters p;
    p.codec = track.codec;
    p.payload_type = track.payload_type;
    p.red_payload_type = track.red_payload_type;
    p.clock_rate = static_cast<int>(track.clock_rate);
    p.channels = track.channels;
    p.fmtp = track.fmtp;
    p.nack = true;
    p.pli = media::kind_of(track.codec) == media::Kind::kVideo;
    Publication::Track made;
    made.kind = media::kind_of(track.codec);
    made.pipe = {std::string(media::name_of(made.kind)),
                 std::string(media::name_of(track.codec)),
                 track.pipe_ssrc.value(),
                 track.pipe_payload_type,
                 p.clock_rate,
                 p.channels,
                 p.fmtp};
    for (size_t l = 0; l < track.layer_count; ++l) {
      auto producer = std::make_unique<Producer>(p, counters_);
      producer->latch(track.layers[l].ssrc);
      made.layers.push_back({std::string(track.layers[l].rid), std::move(producer)});
    }
    fresh->tracks.push_back(std::move(made));
  }
  publication_ = std::move(fresh);
}

std::vector<state::TrackObserved> LinkPull::observe(Timestamp now) const {
  std::vector<state::TrackObserved> observed;
  for (const auto& track : publication_->tracks)
    for (const auto& layer : track.layers) observed.push_back(layer.producer->observe(layer.rid, now));
  return observed;
}

Producer* LinkPull::producer_of(rtp::Ssrc ssrc) const {
  if (!publication_) return nullptr;
  for (const auto& track : publication_->tracks)
    for (const auto& layer : track.layers)
      if (layer.producer->ssrc() == ssrc) return layer.producer.get();
  return nullptr;
}

}  // namespace footlight::relay
