export interface BackoffOptions {
  /** First wait in milliseconds. */
  first: number;
  /** Longest wait in milliseconds. */
  most: number;
}

/** Waits that double up to a bound, each drawn from its upper half so that thousands of pages do not come at once. */
export class Backoff {
  private count = 0;

  constructor(
    private readonly options: BackoffOptions,
    private readonly random: () => number = Math.random,
  ) {}

  /** How often `next` was asked since the last reset. */
  get tries(): number {
    return this.count;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const full = Math.min(this.options.most, this.options.first * 2 ** Math.min(this.count, 30));
    this.count += 1;
    return full * (0.5 + 0.5 * this.random());
  }

  reset(): void {
    this.count = 0;
  }
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
