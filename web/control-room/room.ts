import { Api, type Move } from '../shared/api';
import { Backoff, pause } from '../shared/backoff';
import { readNews } from '../shared/event_news';
import { EventStream } from '../shared/event_stream';
import { Failure, sentenceFor } from '../shared/failure';
import { Store } from '../shared/store';
import type { FootlightEvent, Invitation, Source } from '../shared/types';

export interface RoomView {
  event: FootlightEvent | null;
  sources: Source[];
  message: string | null;
  refused: boolean;
  /** Grows when the relay was lost: whoever watches through it must come again. */
  relayLosses: number;
}

/** News comes in bursts (a publisher connects, takes the stage, gets its transport): read once for all. */
const kGatherMs = 80;

/** What the producer sees and does: the event, its sources, its moves. Owned by the control-room page. */
export class Room {
  readonly view = new Store<RoomView>({ event: null, sources: [], message: null, refused: false, relayLosses: 0 });
  private readonly api: Api;
  private readonly stream: EventStream;
  private readonly closed = new AbortController();
  private gathering: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly eventId: string,
    token: string,
  ) {
    this.api = new Api(token);
    this.stream = new EventStream({
      url: `/api/v1/events/${encodeURIComponent(eventId)}/stream`,
      token,
      onEvent: (type, data) => this.onNews(type, data),
      onConnected: (connected) => connected && this.refreshSoon(),
    });
  }

  start(): void {
    void this.learn();
    this.stream.start();
  }

  stop(): void {
    this.closed.abort();
    this.stream.stop();
  }

  move(move: Move): Promise<void> {
    return this.attempt(async () => this.change({ event: await this.api.move(this.eventId, move) }));
  }

  changeSource(id: string, change: Partial<Pick<Source, 'on_stage' | 'muted'>>): Promise<void> {
    return this.attempt(async () => {
      const changed = await this.api.changeSource(this.eventId, id, change);
      this.change({ sources: this.view.value.sources.map((source) => (source.id === id ? changed : source)) });
    });
  }

  /** An invitation, or null when it could not be made (the message then says why). */
  async invite(name: string, ttlSeconds: number): Promise<Invitation | null> {
    let made: Invitation | null = null;
    await this.attempt(async () => {
      made = await this.api.invite(this.eventId, 'presenter', name, ttlSeconds);
    });
    return made;
  }

  private onNews(type: string, data: unknown): void {
    if (readNews(type, data).kind === 'relay-lost') this.change({ relayLosses: this.view.value.relayLosses + 1 });
    this.refreshSoon();
  }

  private refreshSoon(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = null;
      void this.learn();
    }, kGatherMs);
  }

  private async learn(): Promise<void> {
    const backoff = new Backoff({ first: 300, most: 4000 });
    while (!this.closed.signal.aborted) {
      try {
        const [event, sources] = await Promise.all([this.api.event(this.eventId), this.api.sources(this.eventId)]);
        return this.change({ event, sources, message: null, refused: false });
      } catch (error) {
        const refused = error instanceof Failure && [401, 403, 404].includes(error.status);
        if (refused && this.view.value.event?.state === 'ended') return this.close();
        this.change({ message: sentenceFor(error), refused });
        if (refused) return;
      }
      await pause(backoff.next(), this.closed.signal);
    }
  }

  /** The producer's link ends with the event: what is on the page stays, and nothing more is asked. */
  private close(): void {
    const { event } = this.view.value;
    this.stop();
    if (event) this.change({ event: { ...event, state: 'archived' }, message: null });
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    this.change({ message: null });
    try {
      await act();
    } catch (error) {
      this.change({ message: sentenceFor(error) });
    }
  }

  private change(part: Partial<RoomView>): void {
    this.view.set({ ...this.view.value, ...part });
  }
}
