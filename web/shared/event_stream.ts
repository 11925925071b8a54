import { Backoff, pause } from './backoff';
import { Failure, failureOf } from './failure';
import { SseParser } from './sse_parser';

export interface EventStreamOptions {
  url: string;
  token: string;
  onEvent: (type: string, data: unknown) => void;
  /** True while a connection stands. */
  onConnected?: (connected: boolean) => void;
  /** The server refused for good (401, 403, 404): no more tries. */
  onRefused?: (failure: Failure) => void;
  fetchFn?: typeof fetch;
}

/** Nothing for this long means the connection is dead though nobody said so; the server speaks every 15 s or oftener. */
const kSilenceLimitMs = 40_000;

/**
 * Server-sent events by fetch, because EventSource cannot carry an Authorization header.
 * Comes back by itself with Last-Event-ID until `stop`.
 */
export class EventStream {
  private readonly stopped = new AbortController();
  private readonly parser = new SseParser();
  private readonly backoff = new Backoff({ first: 500, most: 5000 });

  constructor(private readonly options: EventStreamOptions) {}

  start(): void {
    void this.run();
  }

  stop(): void {
    this.stopped.abort();
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        await this.readOnce();
      } catch (error) {
        if (error instanceof Failure && [401, 403, 404].includes(error.status)) {
          this.options.onRefused?.(error);
          return;
        }
      }
      this.options.onConnected?.(false);
      await pause(Math.max(this.backoff.next(), this.parser.retry ?? 0), this.stopped.signal);
    }
  }

  private async readOnce(): Promise<void> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    this.stopped.signal.addEventListener('abort', abort);
    let watchdog = setTimeout(abort, kSilenceLimitMs);
    try {
      const headers: Record<string, string> = {
        accept: 'text/event-stream',
        authorization: `Bearer ${this.options.token}`,
      };
      if (this.parser.lastEventId) headers['last-event-id'] = this.parser.lastEventId;
      const doFetch = this.options.fetchFn ?? fetch;
      const response = await doFetch(this.options.url, { headers, cache: 'no-store', signal: attempt.signal });
      if (!response.ok || !response.body) throw await failureOf(response);
      this.backoff.reset();
      this.parser.restart();
      this.options.onConnected?.(true);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(abort, kSilenceLimitMs);
        for (const event of this.parser.push(value)) this.options.onEvent(event.type, parseData(event.data));
      }
    } finally {
      clearTimeout(watchdog);
      this.stopped.signal.removeEventListener('abort', abort);
      attempt.abort();
    }
  }
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
