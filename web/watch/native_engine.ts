import { Backoff } from '../shared/backoff';
import type { Engine, EngineEvents, EngineFacts } from './engine';

/** Safari on older iPhones has no MediaSource: the system's own HLS plays, at its own latency. Owned by the Player. */
export class NativeHlsEngine implements Engine {
  private readonly undo = new AbortController();
  private readonly backoff = new Backoff({ first: 500, most: 5000 });
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly live: boolean,
    private readonly events: EngineEvents,
  ) {}

  start(): void {
    const { signal } = this.undo;
    this.video.addEventListener('error', () => this.onError(), { signal });
    this.video.addEventListener('playing', () => this.onPlaying(), { signal });
    this.video.addEventListener('ended', () => this.events.onEnd(), { signal });
    this.load();
  }

  destroy(): void {
    this.undo.abort();
    if (this.timer !== null) clearTimeout(this.timer);
    this.video.removeAttribute('src');
    this.video.load();
  }

  onRelayChanged(): void {
    // The origin's stream does not come through the relay's sessions.
  }

  goLive(): void {
    const window = this.window();
    if (window) this.video.currentTime = window.end;
    void this.video.play().catch(() => undefined);
  }

  seek(position: number): void {
    this.video.currentTime = position;
  }

  window(): { start: number; end: number } | null {
    const ranges = this.video.seekable;
    return ranges.length > 0 ? { start: ranges.start(0), end: ranges.end(ranges.length - 1) } : null;
  }

  isAtEdge(): boolean {
    const window = this.window();
    return this.live && (!window || window.end - this.video.currentTime < 12);
  }

  latency(): number | null {
    const startDate = (this.video as HTMLVideoElement & { getStartDate?: () => Date }).getStartDate?.();
    const begun = startDate?.getTime();
    return this.live && begun !== undefined && Number.isFinite(begun)
      ? Date.now() - begun - this.video.currentTime * 1000
      : null;
  }

  async facts(): Promise<EngineFacts> {
    return {
      transport: 'HLS by this browser',
      latencyMs: this.latency(),
      latencyName: 'Behind live',
      bufferMs: null,
      rate: this.video.playbackRate,
      roundTripMs: null,
      bitrate: null,
      size: this.video.videoWidth ? `${this.video.videoWidth} × ${this.video.videoHeight}` : null,
      codec: null,
    };
  }

  private load(): void {
    this.video.src = this.url;
    if (this.events.shouldPlay()) void this.video.play().catch(() => undefined);
  }

  private onPlaying(): void {
    this.backoff.reset();
    this.events.onTrouble(null);
  }

  private onError(): void {
    if (this.timer !== null) return;
    this.events.onTrouble('The picture is late. It comes back by itself.');
    this.timer = setTimeout(() => {
      this.timer = null;
      this.events.onHold();
      this.load();
    }, this.backoff.next());
  }
}
