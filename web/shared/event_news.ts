import type { EventState, Source } from './types';

/** What the event's stream tells, as far as pages act on it. */
export type News =
  | { kind: 'relay-lost' }
  | { kind: 'taken-over'; source: string; session: string }
  | { kind: 'event-state'; state: EventState | null }
  /** The producer took the source out of the event. */
  | { kind: 'source-removed'; source: string }
  | { kind: 'source'; id: string; session: string; source: Partial<Source> }
  | { kind: 'unknown' };

const kStates: ReadonlySet<string> = new Set(['draft', 'rehearsal', 'live', 'ended', 'archived']);

/** Reads one server-sent event; what it does not know is `unknown`, so that newer servers may say more. */
export function readNews(type: string, data: unknown): News {
  const fields = isRecord(data) ? data : {};
  if (type === 'relay.lost') return { kind: 'relay-lost' };
  if (type === 'source.taken_over') return { kind: 'taken-over', source: idOf(fields['source']), session: text(fields['session']) };
  if (type === 'source.removed') return { kind: 'source-removed', source: idOf(fields['source']) };
  if (type.startsWith('source.')) {
    const source = isRecord(fields['source']) ? (fields['source'] as Partial<Source>) : (fields as Partial<Source>);
    return { kind: 'source', id: idOf(fields['source']) || text(fields['id']), session: text(fields['session']), source };
  }
  if (type === 'stream.reset') return { kind: 'event-state', state: null };
  if (type.startsWith('event.')) {
    const inner = isRecord(fields['event']) ? fields['event'] : fields;
    const state = text(inner['state']);
    return { kind: 'event-state', state: kStates.has(state) ? (state as EventState) : null };
  }
  return { kind: 'unknown' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function idOf(value: unknown): string {
  return isRecord(value) ? text(value['id']) : text(value);
}
