import type { NewEvent } from '../shared/api';

const kDefaultCanvas = '1280x720x30';

/** The form's fields as the API wants them; what stands at its default is left to the server. */
export function newEventFrom(form: FormData): NewEvent {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const event: NewEvent = { title: text('title') };
  const startsAt = Date.parse(text('starts_at'));
  if (Number.isFinite(startsAt)) event.starts_at = new Date(startsAt).toISOString();
  if (text('session_type') === 'interactive') event.session_type = 'interactive';
  if (text('audience') === 'token') event.audience = 'token';
  const canvas = text('canvas');
  if (canvas !== '' && canvas !== kDefaultCanvas) {
    const [width = 0, height = 0, fps = 0] = canvas.split('x').map(Number);
    event.canvas = { width, height, fps };
  }
  if (form.get('record') === null) event.record = false;
  return event;
}
