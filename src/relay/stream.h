#pragma once
#include <array>
#include <string>
#include <vector>

#include "media/track.h"
#include "relay/consumer.h"
#include "relay/publication.h"
#include "state/programme.h"

namespace footlight::relay {

// Takes a publication's packets as they came, beside the consumers: for another shard or another relay. Told of no
// other publication's. Owned by what carries them on.
class PacketTap {
 public:
  virtual ~PacketTap() = default;
  [[nodiscard]] virtual const Publication* publication() const = 0;
  // `producer` has fresh packets.
  virtual void forward(size_t track, size_t layer, const Producer& producer, Timestamp now) = 0;
};

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
  void add(PacketTap& tap) { taps_.push_back(&tap); }
  void remove(PacketTap& tap) { std::erase(taps_, &tap); }
  // Somebody here receives it, or waits for it.
  [[nodiscard]] bool watched() const { return !consumers_[0].empty() || !consumers_[1].empty(); }
  // Or takes it elsewhere.
  [[nodiscard]] bool received() const { return watched() || !taps_.empty(); }

  // Tracks that viewers may be promised before anybody publishes (the programme).
  void declare(std::vector<state::PipeTrack> tracks) { declared_ = std::move(tracks); }
  [[nodiscard]] const std::vector<state::PipeTrack>& declared() const { return declared_; }
  // The publication's tracks as declared ones; else those declared.
  [[nodiscard]] std::vector<state::PipeTrack> available() const;
  [[nodiscard]] bool unused() const { return !publication_ && !watched() && taps_.empty() && declared_.empty(); }

  // Hands each producer's fresh packets to its consumers.
  void forward(Timestamp now);
  void tick(Timestamp now);

 private:
  friend class Router;
  [[nodiscard]] const Publication::Track* track_of(media::Kind kind) const;
  [[nodiscard]] std::vector<Consumer*>& of(media::Kind kind) { return consumers_[static_cast<size_t>(kind)]; }
  static void hand_out(Producer& producer, const std::vector<Consumer*>& consumers, Timestamp now);
  void tap(const Producer& producer, Timestamp now);

  std::string id_;
  Publication* publication_ = nullptr;
  std::vector<state::PipeTrack> declared_;
  // By media::Kind: a packet of one goes past none of the other, of which each would cost the caches its state.
  std::array<std::vector<Consumer*>, 2> consumers_;
  std::vector<PacketTap*> taps_;
  bool pending_ = false;  // stands in the router's list of streams with fresh packets
};

}  // namespace footlight::relay
