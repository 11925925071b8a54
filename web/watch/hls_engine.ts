import Hls, { type ErrorData } from 'hls.js';
import { Backoff } from '../shared/backoff';
import { bufferEndAt } from './buffer';
import type { Engine, EngineEvents, EngineFacts } from './engine';
import { hlsSettings } from './hls_settings';
import { RateController } from './rate_controller';
import { StallWatch } from './stall_watch';

/** How often the rate is looked at: four times a part. */
const kTickMs = 50;
/** A rewind of more than this means that the person wants to see the past. */
const kLeaveEdgeS = 3;
const kTrouble = 'The picture is late. It comes back by itself.';

/**
 * LL-HLS and its recording by hls.js: keeps to the live edge with our own rate controller and mends what breaks, for ever.
 * Owned by the Player; one per URL. Every mend keeps the last picture up (onHold).
 */
export class HlsEngine implements Engine {
  private hls: Hls | null = null;
  private readonly rate = new RateController();
  private readonly stall = new StallWatch();
  private readonly backoff = new Backoff({ first: 250, most: 2000 });
  private readonly undo = new AbortController();
  private tick: ReturnType<typeof setInterval> | null = null;
  private mend: ReturnType<typeof setTimeout> | null = null;
  private atEdge: boolean;
  private mediaErrorAt = -Infinity;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly live: boolean,
    private readonly events: EngineEvents,
  ) {
    this.atEdge = live;
  }

  start(): void {
    const { signal } = this.undo;
    this.video.addEventListener('waiting', () => !this.video.seeking && this.rate.onStall(performance.now()), { signal });
    this.video.addEventListener('playing', () => this.onPlaying(), { signal });
    this.video.addEventListener('seeking', () => this.stall.reset(), { signal });
    this.video.addEventListener('ended', () => this.events.onEnd(), { signal });
    this.build();
    if (this.live) this.tick = setInterval(() => this.control(), kTickMs);
  }

  destroy(): void {
    this.undo.abort();
    if (this.tick !== null) clearInterval(this.tick);
    if (this.mend !== null) clearTimeout(this.mend);
    this.hls?.destroy();
    this.hls = null;
    this.video.playbackRate = 1;
  }

  onRelayChanged(): void {
    // The origin's stream does not come through the relay's sessions.
  }

  goLive(): void {
    this.atEdge = true;
    this.rate.reset();
    const edge = this.edge();
    if (edge !== null) this.video.currentTime = Math.max(0, edge - this.rate.cushion - 0.3);
    this.play();
  }

  seek(position: number): void {
    const window = this.window();
    if (!window) return;
    if (this.live && position > window.end - kLeaveEdgeS) return this.goLive();
    this.atEdge = false;
    this.video.playbackRate = 1;
    this.video.currentTime = Math.max(window.start, Math.min(window.end, position));
  }

  window(): { start: number; end: number } | null {
    const details = this.hls?.latestLevelDetails;
    if (!details) return null;
    return { start: details.fragmentStart, end: this.live ? (this.edge() ?? details.edge) : details.edge };
  }

  isAtEdge(): boolean {
    return this.atEdge;
  }

  latency(): number | null {
    const date = this.hls?.playingDate;
    return this.live && date ? Date.now() - date.getTime() : null;
  }

  async facts(): Promise<EngineFacts> {
    const level = this.hls?.levels[this.hls.currentLevel];
    return {
      transport: this.live ? 'LL-HLS' : 'Recording (HLS)',
      latencyMs: this.latency(),
      latencyName: 'Behind live',
      bufferMs: (bufferEndAt(this.video.buffered, this.video.currentTime) - this.video.currentTime) * 1000,
      rate: this.video.playbackRate,
      roundTripMs: null,
      bitrate: level?.bitrate ?? null,
      size: this.video.videoWidth ? `${this.video.videoWidth} × ${this.video.videoHeight}` : null,
      codec: [level?.videoCodec, level?.audioCodec].filter(Boolean).join(', ') || null,
    };
  }

  private build(): void {
    this.hls?.destroy();
    this.rate.reset();
    this.stall.reset();
    const hls = new Hls(hlsSettings(this.live));
    this.hls = hls;
    hls.on(Hls.Events.ERROR, (_, data) => hls === this.hls && data.fatal && this.onFatal(data));
    hls.on(Hls.Events.FRAG_BUFFERED, () => hls === this.hls && this.onWhole());
    hls.on(Hls.Events.MEDIA_ATTACHED, () => this.play());
    hls.loadSource(this.url);
    hls.attachMedia(this.video);
  }

  private onPlaying(): void {
    this.rate.onPlaying(performance.now());
    this.stall.reset();
  }

  private onWhole(): void {
    this.backoff.reset();
    this.events.onTrouble(null);
  }

  /** Everything hls.js gives up on comes here; it is tried again for as long as the page is open. */
  private onFatal(data: ErrorData): void {
    this.events.onTrouble(kTrouble);
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && performance.now() - this.mediaErrorAt > 5000) {
      this.mediaErrorAt = performance.now();
      this.events.onHold();
      this.hls?.recoverMediaError();
      return;
    }
    this.later(() => {
      const isLoad = data.type === Hls.ErrorTypes.NETWORK_ERROR && this.hls?.latestLevelDetails;
      if (isLoad && data.details !== Hls.ErrorDetails.MANIFEST_LOAD_ERROR && this.backoff.tries < 4) this.hls?.startLoad();
      else this.rebuild();
    });
  }

  private later(act: () => void): void {
    if (this.mend !== null) return;
    this.mend = setTimeout(() => {
      this.mend = null;
      act();
    }, this.backoff.next());
  }

  private rebuild(): void {
    this.events.onHold();
    this.build();
  }

  /** Attaching pauses the element; explicit play() starts with less data than autoplay waits for. */
  private play(): void {
    if (this.events.shouldPlay()) void this.video.play().catch(() => undefined);
  }

  private control(): void {
    const { video } = this;
    if (video.seeking || video.readyState === 0) return;
    const now = performance.now();
    const position = video.currentTime;
    const bufferEnd = bufferEndAt(video.buffered, position);
    if (!video.paused && !video.ended) this.mendStall(now, position, bufferEnd);
    if (!this.atEdge || video.paused) return;
    const { rate, seekTo } = this.rate.step({ now, position, bufferEnd, edge: this.edge() });
    if (seekTo !== null) video.currentTime = seekTo;
    if (Math.abs(video.playbackRate - rate) > 0.001) video.playbackRate = rate;
  }

  private mendStall(now: number, position: number, bufferEnd: number): void {
    const lastRange = this.video.buffered.length - 1;
    const end = lastRange < 0 ? bufferEnd : this.video.buffered.end(lastRange);
    const advice = this.stall.ask(now, position, end);
    if (advice === 'jump') this.video.currentTime = Math.max(position, end - this.rate.cushion - 0.1);
    if (advice === 'rebuild') {
      this.events.onTrouble(kTrouble);
      this.rebuild();
    }
  }

  /** Where the programme is by now: the newest part's end. */
  private edge(): number | null {
    return this.hls?.latestLevelDetails?.edge ?? null;
  }
}
