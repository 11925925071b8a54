export type StallAdvice = 'none' | 'jump' | 'rebuild';

/** Data is there and the picture stands: hls.js had this long to nudge it over. */
const kJumpAfterMs = 2500;
/** A jump did not help either: build the player anew. */
const kRebuildAfterMs = 6000;
/** Nothing comes at all for this long: whatever hls.js waits for, it will not come by waiting. */
const kNothingComesMs = 12_000;

/** Notices a live picture that stands still, and says what to do; asked several times a second while it should play. */
export class StallWatch {
  private position = -1;
  private bufferEnd = -1;
  private movedAt: number | null = null;
  private filledAt = 0;
  private jumped = false;

  reset(): void {
    this.movedAt = null;
    this.jumped = false;
  }

  ask(now: number, position: number, bufferEnd: number): StallAdvice {
    if (this.movedAt === null || position !== this.position) {
      this.position = position;
      this.movedAt = now;
      this.jumped = false;
    }
    if (bufferEnd !== this.bufferEnd) {
      this.bufferEnd = bufferEnd;
      this.filledAt = now;
    }
    const still = now - this.movedAt;
    if (still > kNothingComesMs && now - this.filledAt > kNothingComesMs) return this.rebuild();
    if (bufferEnd - position < 0.5) return 'none';
    if (still > kRebuildAfterMs) return this.rebuild();
    if (still > kJumpAfterMs && !this.jumped) {
      this.jumped = true;
      return 'jump';
    }
    return 'none';
  }

  private rebuild(): StallAdvice {
    this.reset();
    return 'rebuild';
  }
}
