#pragma once
#include <string>
#include <vector>

#include "media/track.h"
#include "relay/consumer.h"
#include "relay/publication.h"
#include "state/programme.h"

namespace footlight::relay {

// One stream id: at most one publication, and all who receive it. Consumers survive the publication's end and go over
// to its successor. Owned by the router, on the shard thread.
class Stream {
 public:
  explicit Stream(std::string id) : id_(std::move(id)) {}

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] Publication* publication() const { return publication_; }
  // nullptr: nobody publishes any more. The old publication is no longer pointed to afterwards.
  void set_publication(Publication* publication, Timestamp now);

  void add(Consumer& consumer, Timestamp now);
  void remove(Consumer& consumer);

  // Tracks that viewers may be promised before anybody publishes (the programme).
  void declare(std::vector<state::PipeTrack> tracks) { declared_ = std::move(tracks); }
  [[nodiscard]] const std::vector<state::PipeTrack>& declared() const { return declared_; }
  // The publication's tracks as declared ones; else those declared.
  [[nodiscard]] std::vector<state::PipeTrack> available() const;
  [[nodiscard]] bool unused() const { return !publication_ && consumers_.empty() && declared_.empty(); }

  // Hands each producer's fresh packets to its consumers.
  void forward(Timestamp now);
  void tick(Timestamp now);

 private:
  friend class Router;
  [[nodiscard]] Producer* producer_of(media::Kind kind) const;

  std::string id_;
  Publication* publication_ = nullptr;
  std::vector<state::PipeTrack> declared_;
  std::vector<Consumer*> consumers_;
  bool pending_ = false;  // stands in the router's list of streams with fresh packets
};

}  // namespace footlight::relay
