import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StatusFollower } from './status_follower';

const status = (version: number, state = 'live') =>
  new Response(JSON.stringify({ version, state, session_type: 'broadcast', relay_epoch: 1 }));

function follow(answers: (() => Response)[]) {
  const asked: string[] = [];
  const seen: string[] = [];
  const reachable: boolean[] = [];
  const follower = new StatusFollower({
    url: 'http://origin/live/a/status.json?token=t',
    onStatus: (s) => seen.push(`${s.version} ${s.state}`),
    onReachable: (r) => reachable.push(r),
    random: () => 1,
    fetchFn: (input, init) => {
      asked.push(String(input));
      const answer = answers.shift();
      if (answer) return Promise.resolve().then(answer);
      return new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    },
  });
  return { follower, asked, seen, reachable };
}

describe('StatusFollower', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks_at_once_and_then_for_a_change_of_the_version_it_has', async () => {
    const { follower, asked, seen } = follow([() => status(1, 'draft'), () => status(2)]);
    follower.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(asked).toEqual([
      'http://origin/live/a/status.json?token=t',
      'http://origin/live/a/status.json?token=t&_v=1',
      'http://origin/live/a/status.json?token=t&_v=2',
    ]);
    expect(seen).toEqual(['1 draft', '2 live']);
    follower.stop();
  });

  it('tells_an_unchanged_version_once_and_does_not_ask_in_a_tight_circle', async () => {
    const { follower, asked, seen } = follow([() => status(1), () => status(1), () => status(1)]);
    follower.start();
    await vi.advanceTimersByTimeAsync(240);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toHaveLength(4);
    expect(seen).toEqual(['1 live']);
    follower.stop();
  });

  it('says_when_the_origin_is_gone_and_back_and_keeps_its_version', async () => {
    const broken = () => {
      throw new TypeError('refused');
    };
    const { follower, asked, reachable } = follow([() => status(7), broken, broken, () => status(8)]);
    follower.start();
    await vi.advanceTimersByTimeAsync(2000);
    expect(reachable).toEqual([true, false, false, true]);
    expect(asked.at(-2)).toContain('_v=7');
    follower.stop();
  });

  it('asks_nothing_more_after_stop', async () => {
    const { follower, asked } = follow([() => status(1)]);
    follower.start();
    await vi.advanceTimersByTimeAsync(10);
    follower.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(2);
  });
});
