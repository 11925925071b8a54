import { expect, it } from 'vitest';
import { readNews } from './event_news';

it('reads_what_pages_act_on', () => {
  expect(readNews('relay.lost', {})).toEqual({ kind: 'relay-lost' });
  expect(readNews('source.taken_over', { source: 's1', session: 'x' })).toEqual({ kind: 'taken-over', source: 's1', session: 'x' });
  expect(readNews('event.live', { id: 'e', state: 'live' })).toEqual({ kind: 'event-state', state: 'live' });
  expect(readNews('source.removed', { source: 's1', name: 'Ada' })).toEqual({ kind: 'source-removed', source: 's1' });
  expect(readNews('source.connected', { id: 's1', on_stage: true, source: 's1', session: 'x' })).toMatchObject({
    kind: 'source',
    id: 's1',
    session: 'x',
    source: { on_stage: true },
  });
});

it('asks_for_everything_anew_when_the_stream_was_cut_or_names_no_state', () => {
  expect(readNews('stream.reset', {})).toEqual({ kind: 'event-state', state: null });
  expect(readNews('event.updated', {})).toEqual({ kind: 'event-state', state: null });
});

it('is_calm_about_what_it_does_not_know', () => {
  expect(readNews('hand.raised', { id: 1 })).toEqual({ kind: 'unknown' });
  expect(readNews('source.connected', null)).toMatchObject({ kind: 'source', id: '' });
  expect(readNews('event.live', 'x')).toEqual({ kind: 'event-state', state: null });
});
