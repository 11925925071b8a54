/** One look at the player. Times in seconds on the media timeline, `now` in ms of any steady clock. */
export interface BufferSample {
  now: number;
  position: number;
  /** End of the buffered range the position is in; the position itself when there is none. */
  bufferEnd: number;
  /** Where the playlist ends by now; null before the first one. */
  edge: number | null;
}

export interface RateDecision {
  rate: number;
  /** Where to jump, when playing faster would take too long. */
  seekTo: number | null;
}

/**
 * Parts arrive every 200 ms, so the buffer is a saw: what protects from a stall is its lowest point. 0.2 s there is 0.4 s
 * just after a part, one part's worth of lateness before the picture would stop.
 */
const kLeastCushion = 0.2;
const kMostCushion = 1.5;
/** What a stall adds, and what each quiet stretch takes back. */
const kStallStep = 0.12;
const kQuietStep = 0.03;
const kQuietMs = 15_000;
/** A stall longer than this was not jitter: nothing came, and more buffer would not have helped. */
const kOutageMs = 1200;
/** The saw's lowest point is looked for over three parts. */
const kWindowMs = 600;
/** Rates people do not notice on speech; Chromium stretches without changing the pitch. */
const kSlowest = 0.9;
const kFastest = 1.15;
/** Rate change per second of buffer error, and the error that is left alone. */
const kGain = 0.35;
const kDeadBand = 0.03;
/** The rate moves by at most this much a second, and is told to the media element in hundredths. */
const kSlewPerSecond = 0.25;
const kRateSteps = 100;
/** Further behind than this is jumped, at most this often. */
const kSeekBehind = 3;
const kSeekEveryMs = 4000;
/** After an outage the picture stood anyway: what piled up is jumped over while it comes in, down to this excess. */
const kOutageExcess = 0.5;
const kOutageCatchUpMs = 2500;

/**
 * Holds the player a fixed small cushion behind the newest part by playing a little faster or slower.
 * Owned by the HLS engine; samples in, decisions out; no timers and no media element, so that a test can turn the clock.
 */
export class RateController {
  private cushionNow = kLeastCushion;
  private rate = 1;
  private samples: { now: number; ahead: number }[] = [];
  private lastStepAt: number | null = null;
  private quietSince: number | null = null;
  private stallBegan: number | null = null;
  private lastSeekAt = -Infinity;
  private catchUpUntil = -Infinity;

  /** Lowest buffer that is aimed at, in seconds. */
  get cushion(): number {
    return this.cushionNow;
  }

  /** Playback ran dry. */
  onStall(now: number): void {
    this.stallBegan ??= now;
  }

  /** Playback goes on after running dry. */
  onPlaying(now: number): void {
    if (this.stallBegan === null) return;
    const lasted = now - this.stallBegan;
    this.stallBegan = null;
    this.quietSince = now;
    this.samples = [];
    if (lasted <= kOutageMs) this.cushionNow = Math.min(kMostCushion, this.cushionNow + kStallStep);
    else this.catchUpUntil = now + kOutageCatchUpMs;
  }

  /** A jump or a new source: what was measured before says nothing about now. */
  reset(): void {
    this.samples = [];
    this.rate = 1;
    this.lastStepAt = null;
    this.stallBegan = null;
  }

  step(sample: BufferSample): RateDecision {
    this.relax(sample.now);
    const ahead = Math.max(0, sample.bufferEnd - sample.position);
    const seekTo = this.jump(sample);
    if (seekTo !== null) {
      this.reset();
      return { rate: this.rate, seekTo };
    }
    this.remember(sample.now, ahead);
    this.rate = this.slewed(sample.now, this.wishedRate());
    return { rate: Math.round(this.rate * kRateSteps) / kRateSteps, seekTo: null };
  }

  private relax(now: number): void {
    this.quietSince ??= now;
    if (now - this.quietSince < kQuietMs) return;
    this.quietSince = now;
    this.cushionNow = Math.max(kLeastCushion, this.cushionNow - kQuietStep);
  }

  private jump({ now, position, bufferEnd, edge }: BufferSample): number | null {
    if (now < this.catchUpUntil && bufferEnd - position > this.cushionNow + kOutageExcess) {
      return bufferEnd - this.cushionNow - 0.1;
    }
    if (edge === null || edge - position < kSeekBehind + this.cushionNow) return null;
    if (now - this.lastSeekAt < kSeekEveryMs) return null;
    this.lastSeekAt = now;
    return edge - this.cushionNow - 0.3;
  }

  private remember(now: number, ahead: number): void {
    this.samples.push({ now, ahead });
    while (this.samples[0]!.now < now - kWindowMs) this.samples.shift();
  }

  private wishedRate(): number {
    const lowest = Math.min(...this.samples.map((s) => s.ahead));
    const error = lowest - this.cushionNow;
    if (Math.abs(error) < kDeadBand) return 1;
    return Math.min(kFastest, Math.max(kSlowest, 1 + kGain * error));
  }

  private slewed(now: number, wish: number): number {
    const seconds = this.lastStepAt === null ? 0 : Math.min(0.5, (now - this.lastStepAt) / 1000);
    this.lastStepAt = now;
    const most = kSlewPerSecond * seconds;
    return this.rate + Math.min(most, Math.max(-most, wish - this.rate));
  }
}
