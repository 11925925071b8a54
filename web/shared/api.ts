import { Failure, failureOf } from './failure';
import type { EventState, FootlightEvent, Invitation, List, SessionType, Source, WatchInfo } from './types';

export interface NewEvent {
  title: string;
  starts_at?: string;
  session_type?: SessionType;
  audience?: 'public' | 'token';
  canvas?: { width: number; height: number; fps: number };
  record?: boolean;
}

export type Move = 'rehearse' | 'draft' | 'go-live' | 'end';

/** `/api/v1` of this very host. Every refusal and every silence is thrown as a Failure. */
export class Api {
  constructor(
    private readonly token: string | null,
    private readonly fetchFn: typeof fetch = (...args) => fetch(...args),
  ) {}

  listEvents = async (): Promise<FootlightEvent[]> => {
    const all: FootlightEvent[] = [];
    let next: string | null = null;
    do {
      const query: string = next === null ? '' : `?after=${encodeURIComponent(next)}`;
      const page: List<FootlightEvent> = await this.call('GET', `/events${query}`);
      all.push(...page.items);
      next = page.next ?? null;
    } while (next !== null);
    return all;
  };
  createEvent = (event: NewEvent) => this.call<FootlightEvent>('POST', '/events', event);
  event = (id: string) => this.call<FootlightEvent>('GET', `/events/${encodeURIComponent(id)}`);
  deleteEvent = (id: string) => this.call<void>('DELETE', `/events/${encodeURIComponent(id)}`);
  watchInfo = (id: string) => this.call<WatchInfo>('GET', `/events/${encodeURIComponent(id)}/watch`);
  move = (id: string, move: Move) => this.call<FootlightEvent>('POST', `/events/${encodeURIComponent(id)}/${move}`);
  rotateKey = (id: string) =>
    this.call<{ stream_key: string }>('POST', `/events/${encodeURIComponent(id)}/stream-key/rotate`);
  invite = (id: string, role: Invitation['role'], name: string, ttlSeconds: number) =>
    this.call<Invitation>('POST', `/events/${encodeURIComponent(id)}/tokens`, { role, name, ttl_s: ttlSeconds });
  sources = async (id: string) => {
    const list = await this.call<List<Source>>('GET', `/events/${encodeURIComponent(id)}/sources`);
    return list.items;
  };
  changeSource = (id: string, source: string, change: Partial<Pick<Source, 'on_stage' | 'muted' | 'gain_db' | 'name'>>) =>
    this.call<Source>('PATCH', `/events/${encodeURIComponent(id)}/sources/${encodeURIComponent(source)}`, change);

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (this.token) headers['authorization'] = `Bearer ${this.token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    try {
      response = await this.fetchFn(`/api/v1${path}`, {
        method,
        headers,
        cache: 'no-store',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new Failure(0, '');
    }
    if (!response.ok) throw await failureOf(response);
    if (response.status === 204) return undefined as T;
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

/** The calls that are legal in each state, with the words of their buttons. */
export const kMoves: Record<EventState, readonly { move: Move; label: string }[]> = {
  draft: [
    { move: 'rehearse', label: 'Rehearse' },
    { move: 'go-live', label: 'Go live' },
  ],
  rehearsal: [
    { move: 'draft', label: 'Back to draft' },
    { move: 'go-live', label: 'Go live' },
    { move: 'end', label: 'End' },
  ],
  live: [{ move: 'end', label: 'End' }],
  ended: [],
  archived: [],
};
