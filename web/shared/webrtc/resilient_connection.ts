import { Backoff } from '../backoff';
import { Failure } from '../failure';

/** What a transport says of itself; the names are RTCPeerConnection's. */
export type Health = 'connecting' | 'connected' | 'disconnected' | 'failed';

/** One WHIP or WHEP session: made by `open`, told of by `onHealth`, gone after `close`. */
export interface Session {
  /** Called with each change of health from now on, and once at once with the present one. */
  onHealth(listener: (health: Health) => void): void;
  /** Ends it on both sides; never throws. */
  close(): void;
}

export type ConnectionState =
  | { name: 'idle' }
  | { name: 'connecting' }
  | { name: 'connected' }
  /** It stood before and is being made again. */
  | { name: 'reconnecting' }
  /** It ended and will not come back by itself. `failure` is null when this page asked for it. */
  | { name: 'stopped'; failure: Failure | null };

export interface ConnectionOptions {
  open: (signal: AbortSignal) => Promise<Session>;
  onState: (state: ConnectionState) => void;
  /** Which refusals may pass by themselves (409 before go-live, say). 5xx, 429 and silence always may. */
  isTemporary?: (failure: Failure) => boolean;
  random?: () => number;
}

/** ICE may say `disconnected` for a moment and mend itself (RFC 8445 consent checks run every 5 s at most). */
const kDisconnectedLimitMs = 3000;
/** From the answer to the first packet both ways; beyond it a fresh offer is likelier to help than patience. */
const kConnectLimitMs = 8000;
/** A session that stood this long was sound: the next loss starts with the short wait again. */
const kSoundAfterMs = 5000;
/** Everyone hears of a lost relay in the same instant: spread the new offers. */
const kRepostJitterMs = 300;

/**
 * Keeps one session standing: opens, watches, opens again with back-off and jitter until `stop`.
 * It knows nothing of WebRTC, so that its test can turn the clock by hand.
 */
export class ResilientConnection {
  private session: Session | null = null;
  private attempt: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private soundTimer: ReturnType<typeof setTimeout> | null = null;
  private stood = false;
  private wanted = false;
  private readonly random: () => number;
  private readonly backoff: Backoff;

  constructor(private readonly options: ConnectionOptions) {
    this.random = options.random ?? Math.random;
    this.backoff = new Backoff({ first: 300, most: 5000 }, this.random);
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.stood = false;
    this.backoff.reset();
    this.open();
  }

  /** Ends it for good; `failure` says why when it was not the person's wish. */
  stop(failure: Failure | null = null): void {
    if (!this.wanted) return;
    this.wanted = false;
    this.drop();
    this.options.onState({ name: 'stopped', failure });
  }

  /** The far side is known to be gone (relay.lost, a new relay_epoch): do not wait for ICE to notice. */
  reopen(): void {
    if (!this.wanted) return;
    this.drop();
    this.backoff.reset();
    this.announceOpening();
    this.timer = setTimeout(() => this.open(), this.random() * kRepostJitterMs);
  }

  private announceOpening(): void {
    this.options.onState({ name: this.stood ? 'reconnecting' : 'connecting' });
  }

  private open(): void {
    const attempt = new AbortController();
    this.attempt = attempt;
    this.announceOpening();
    this.options.open(attempt.signal).then(
      (session) => {
        if (attempt.signal.aborted) return session.close();
        this.watch(session);
      },
      (error: unknown) => {
        if (attempt.signal.aborted) return;
        const failure = error instanceof Failure ? error : new Failure(0, String(error));
        if (this.isFinal(failure)) this.stop(failure);
        else this.retry(failure.retryAfter);
      },
    );
  }

  private watch(session: Session): void {
    this.session = session;
    this.arm(kConnectLimitMs);
    session.onHealth((health) => {
      if (this.session !== session) return;
      if (health === 'connected') this.onConnected();
      else if (health === 'failed') this.retry(null);
      else if (health === 'disconnected') this.arm(kDisconnectedLimitMs);
    });
  }

  private onConnected(): void {
    this.disarm();
    this.stood = true;
    if (this.soundTimer === null) this.soundTimer = setTimeout(() => this.backoff.reset(), kSoundAfterMs);
    this.options.onState({ name: 'connected' });
  }

  private retry(retryAfterSeconds: number | null): void {
    this.drop();
    this.announceOpening();
    const wait = retryAfterSeconds === null ? this.backoff.next() : retryAfterSeconds * 1000 * (1 + 0.2 * this.random());
    this.timer = setTimeout(() => this.open(), wait);
  }

  private isFinal(failure: Failure): boolean {
    if (failure.status === 0 || failure.status === 429 || failure.status >= 500) return false;
    return !this.options.isTemporary?.(failure);
  }

  private arm(limitMs: number): void {
    this.disarm();
    this.timer = setTimeout(() => this.retry(null), limitMs);
  }

  private disarm(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private drop(): void {
    this.disarm();
    if (this.soundTimer !== null) clearTimeout(this.soundTimer);
    this.soundTimer = null;
    this.attempt?.abort();
    this.attempt = null;
    const session = this.session;
    this.session = null;
    session?.close();
  }
}
