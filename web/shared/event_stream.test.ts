import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStream } from './event_stream';

function body(...chunks: string[]): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
}

function follow(answers: ((signal: AbortSignal) => Response)[]) {
  const asked: Record<string, string>[] = [];
  const heard: string[] = [];
  const refused: number[] = [];
  const stream = new EventStream({
    url: '/api/v1/events/e/stream',
    token: 't',
    onEvent: (type, data) => heard.push(`${type} ${JSON.stringify(data)}`),
    onRefused: (failure) => refused.push(failure.status),
    fetchFn: (_, init) => {
      asked.push(init?.headers as Record<string, string>);
      const answer = answers.shift();
      return answer ? Promise.resolve().then(() => answer(init!.signal!)) : new Promise(() => undefined);
    },
  });
  return { stream, asked, heard, refused };
}

describe('EventStream', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('comes_back_with_the_last_id_and_hears_on', async () => {
    const { stream, asked, heard } = follow([
      () => body('retry: 500\n\nid: 4\nevent: relay.l', 'ost\ndata: {"relay_epoch":"r2"}\n\n'),
      () => body('id: 5\nevent: event.ended\ndata: {"state":"ended"}\n\n'),
    ]);
    stream.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual(['relay.lost {"relay_epoch":"r2"}']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked[0]).toMatchObject({ authorization: 'Bearer t' });
    expect(asked[0]).not.toHaveProperty('last-event-id');
    expect(asked[1]).toMatchObject({ 'last-event-id': '4' });
    expect(heard[1]).toBe('event.ended {"state":"ended"}');
    stream.stop();
  });

  it('tries_again_when_the_server_is_away_and_stops_when_it_is_refused', async () => {
    const { stream, asked, refused } = follow([
      () => {
        throw new TypeError('refused');
      },
      () => new Response('', { status: 503 }),
      () => new Response('', { status: 401 }),
    ]);
    stream.start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toHaveLength(3);
    expect(refused).toEqual([401]);
  });

  it('gives_up_a_connection_that_went_silent_and_makes_another', async () => {
    const silent = (signal: AbortSignal) =>
      new Response(new ReadableStream({ start: (c) => signal.addEventListener('abort', () => c.error(new Error('aborted'))) }));
    const { stream, asked } = follow([silent]);
    stream.start();
    await vi.advanceTimersByTimeAsync(39_000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
    stream.stop();
  });
});
