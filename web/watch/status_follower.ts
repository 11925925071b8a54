import { Backoff, pause } from '../shared/backoff';
import type { LiveStatus } from '../shared/types';

export interface StatusFollowerOptions {
  /** `/live/{event}/status.json` on the origin. */
  url: string;
  onStatus: (status: LiveStatus) => void;
  /** False when the origin stopped answering, true when it answers again. */
  onReachable: (reachable: boolean) => void;
  fetchFn?: typeof fetch;
  random?: () => number;
}

/** The origin holds a request for 25 s at most; an answer later than this will not come. */
const kAnswerLimitMs = 35_000;
/** An origin that answers at once with the same version must not be asked in a tight circle. */
const kLeastRoundMs = 250;

/** Follows status.json by long poll: each answer names the version that the next question waits to see changed. */
export class StatusFollower {
  private readonly stopped = new AbortController();
  private readonly backoff: Backoff;
  private version: string | null = null;

  constructor(private readonly options: StatusFollowerOptions) {
    this.backoff = new Backoff({ first: 250, most: 4000 }, options.random);
  }

  start(): void {
    void this.run();
  }

  stop(): void {
    this.stopped.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      const began = Date.now();
      const status = await this.ask();
      if (signal.aborted) return;
      this.options.onReachable(status !== null);
      if (status === null) {
        await pause(this.backoff.next(), signal);
        continue;
      }
      this.backoff.reset();
      const version = String(status.version);
      const changed = version !== this.version;
      this.version = version;
      if (changed) this.options.onStatus(status);
      else await pause(Math.max(0, kLeastRoundMs - (Date.now() - began)), signal);
    }
  }

  private async ask(): Promise<LiveStatus | null> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    this.stopped.signal.addEventListener('abort', abort);
    const limit = setTimeout(abort, kAnswerLimitMs);
    try {
      const url = new URL(this.options.url);
      if (this.version !== null) url.searchParams.set('_v', this.version);
      const response = await (this.options.fetchFn ?? fetch)(url.href, { signal: attempt.signal });
      if (!response.ok) return null;
      const status = (await response.json()) as LiveStatus;
      return typeof status.state === 'string' ? status : null;
    } catch {
      return null;
    } finally {
      clearTimeout(limit);
      this.stopped.signal.removeEventListener('abort', abort);
    }
  }
}
