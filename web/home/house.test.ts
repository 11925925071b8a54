import { expect, it } from 'vitest';
import type { FootlightEvent } from '../shared/types';
import { byInterest } from './house';

const event = (id: string, state: string, created_at: string) => ({ id, state, created_at }) as FootlightEvent;

it('shows_what_is_on_first_and_the_past_last', () => {
  const events = [
    event('past', 'archived', '2026-01-01T00:00:00Z'),
    event('old draft', 'draft', '2026-01-01T00:00:00Z'),
    event('on', 'live', '2025-01-01T00:00:00Z'),
    event('new draft', 'draft', '2026-02-01T00:00:00Z'),
    event('rehearsing', 'rehearsal', '2026-01-01T00:00:00Z'),
  ];
  expect(events.sort(byInterest).map((e) => e.id)).toEqual(['on', 'rehearsing', 'new draft', 'old draft', 'past']);
});
