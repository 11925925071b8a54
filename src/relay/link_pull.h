#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "relay/link_messages.h"
#include "relay/publication.h"
#include "relay/source_feedback.h"

namespace footlight::relay {

// One stream of another relay's, as a publication here while it is announced. Owned by a link. In: announcements and
// packets; out: the publication, and feedback to the other end. Where somebody publishes the stream here, that one has
// it.
class LinkPull {
 public:
  static constexpr Duration kHeld = Duration::seconds(5);  // ten times as long as announcements are repeated

  LinkPull(std::string stream, rtp::Ssrc sender, Counters& counters)
      : stream_(std::move(stream)), counters_(counters), feedback_(sender) {}

  [[nodiscard]] const std::string& stream() const { return stream_; }
  // nullptr: not announced.
  [[nodiscard]] Publication* publication() const { return publication_.get(); }
  // What an announcement changes is done in two steps, because streams point to the publication: true when the present
  // one is to be let go first, then take() makes the new one.
  [[nodiscard]] bool replaces(const LinkAnnouncement& announcement) const;
  // Announcements are repeated as long as they hold; one that is not is over.
  void note_announced(Timestamp now) { announced_at_ = now; }
  [[nodiscard]] bool overdue(Timestamp now) const { return publication_ && now - announced_at_ >= kHeld; }
  void take(const LinkAnnouncement& announcement);
  // Nobody publishes it there any more, or the other end is silent.
  void drop() { publication_.reset(); }

  // True when somebody watches who did not before.
  [[nodiscard]] bool note_watched(bool watched) { return std::exchange(watched_, watched) != watched && watched; }

  [[nodiscard]] Producer* producer_of(rtp::Ssrc ssrc) const;
  // While it is announced: one a layer.
  [[nodiscard]] std::vector<state::TrackObserved> observe(Timestamp now) const;
  void tick(RtpTransport& transport, Timestamp now) {
    if (publication_) feedback_.tick(*publication_, transport, counters_, now);
  }

 private:
  std::string stream_;
  Counters& counters_;
  SourceFeedback feedback_;
  std::unique_ptr<Publication> publication_;
  uint32_t version_ = 0;
  Timestamp announced_at_{};
  bool watched_ = false;
};

}  // namespace footlight::relay
