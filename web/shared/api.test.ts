import { describe, expect, it } from 'vitest';
import { Api } from './api';
import { Failure } from './failure';

interface Call {
  url: string;
  init: RequestInit;
}

function api(...answers: (Response | Error)[]) {
  const calls: Call[] = [];
  const fetchFn = async (url: RequestInfo | URL, init: RequestInit = {}) => {
    calls.push({ url: String(url), init });
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { api: new Api('secret', fetchFn as typeof fetch), calls };
}
const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

describe('Api', () => {
  it('carries_the_token_and_follows_the_cursor_to_the_end', async () => {
    const { api: subject, calls } = api(json({ items: [{ id: 'a' }], next: 'c/1' }), json({ items: [{ id: 'b' }], next: null }));
    expect((await subject.listEvents()).map((event) => event.id)).toEqual(['a', 'b']);
    expect(calls.map((call) => call.url)).toEqual(['/api/v1/events', '/api/v1/events?after=c%2F1']);
    expect((calls[0]!.init.headers as Record<string, string>)['authorization']).toBe('Bearer secret');
  });

  it('sends_a_body_as_json_and_takes_an_empty_answer', async () => {
    const { api: subject, calls } = api(json({ id: 's' }), new Response(null, { status: 204 }));
    await subject.changeSource('e', 's 1', { on_stage: true });
    await subject.deleteEvent('e');
    expect(calls[0]).toMatchObject({ url: '/api/v1/events/e/sources/s%201', init: { method: 'PATCH', body: '{"on_stage":true}' } });
    expect(calls[1]).toMatchObject({ url: '/api/v1/events/e', init: { method: 'DELETE' } });
  });

  it('throws_a_failure_for_a_refusal_and_for_silence', async () => {
    const { api: subject } = api(json({ detail: 'no' }, 403), new TypeError('Failed to fetch'));
    await expect(subject.event('e')).rejects.toMatchObject({ status: 403 });
    await expect(subject.event('e')).rejects.toEqual(new Failure(0, ''));
  });
});
