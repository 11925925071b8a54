import { Api, type Move, type NewEvent } from '../shared/api';
import { Failure, sentenceFor } from '../shared/failure';
import { Store } from '../shared/store';
import type { FootlightEvent } from '../shared/types';

export interface HouseView {
  /** Null until the first list came. */
  events: FootlightEvent[] | null;
  message: string | null;
  /** Keys as they were made in this tab; the server shows each once. */
  keys: Readonly<Record<string, string>>;
}

/** The list follows what others do, at the pace of a person looking. */
const kEveryMs = 5000;

/** The admin's house: all events, and what can be done with them. Owned by the home page. */
export class House {
  readonly view = new Store<HouseView>({ events: null, message: null, keys: {} });
  private readonly api: Api;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    token: string,
    private readonly onSignedOut: () => void,
  ) {
    this.api = new Api(token);
  }

  start(): void {
    void this.refresh();
    this.timer = setInterval(() => document.visibilityState === 'visible' && void this.refresh(), kEveryMs);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  async refresh(): Promise<void> {
    try {
      const events = await this.api.listEvents();
      this.change({ events: events.sort(byInterest), message: null });
    } catch (error) {
      this.fail(error);
    }
  }

  /** Says whether it was made. */
  create(event: NewEvent): Promise<boolean> {
    return this.attempt(async () => {
      const made = await this.api.createEvent(event);
      if (made.ingest.stream_key) this.keepKey(made.id, made.ingest.stream_key);
    });
  }

  move(id: string, move: Move): Promise<boolean> {
    return this.attempt(() => this.api.move(id, move));
  }

  remove(id: string): Promise<boolean> {
    return this.attempt(() => this.api.deleteEvent(id));
  }

  newKey(id: string): Promise<boolean> {
    return this.attempt(async () => this.keepKey(id, (await this.api.rotateKey(id)).stream_key));
  }

  private async attempt(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
    } catch (error) {
      this.fail(error);
      return false;
    }
    await this.refresh();
    return true;
  }

  private keepKey(id: string, key: string): void {
    this.change({ keys: { ...this.view.value.keys, [id]: key } });
  }

  private fail(error: unknown): void {
    if (error instanceof Failure && error.status === 401) return this.onSignedOut();
    this.change({ message: sentenceFor(error) });
  }

  private change(part: Partial<HouseView>): void {
    this.view.set({ ...this.view.value, ...part });
  }
}

const kOrder = { live: 0, rehearsal: 1, draft: 2, ended: 3, archived: 4 } as const;

/** What is on comes first, then what is next, then what is past; newest first among equals. */
export function byInterest(a: FootlightEvent, b: FootlightEvent): number {
  return kOrder[a.state] - kOrder[b.state] || b.created_at.localeCompare(a.created_at);
}
