import { expect, it } from 'vitest';
import { newEventFrom } from './new_event_form';

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

it('sends_the_title_alone_when_nothing_else_was_touched', () => {
  const fields = { title: ' Talk ', starts_at: '', session_type: 'broadcast', audience: 'public', canvas: '1280x720x30', record: 'on' };
  expect(newEventFrom(form(fields))).toEqual({ title: 'Talk' });
});

it('sends_what_was_chosen', () => {
  const fields = { title: 'Talk', starts_at: '2026-12-01T10:00', session_type: 'interactive', audience: 'token', canvas: '640x360x30' };
  expect(newEventFrom(form(fields))).toEqual({
    title: 'Talk',
    starts_at: new Date('2026-12-01T10:00').toISOString(),
    session_type: 'interactive',
    audience: 'token',
    canvas: { width: 640, height: 360, fps: 30 },
    record: false,
  });
});
