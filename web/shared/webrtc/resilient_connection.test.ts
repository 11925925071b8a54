import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../failure';
import { ResilientConnection, type ConnectionState, type Health, type Session } from './resilient_connection';

class FakeSession implements Session {
  closed = false;
  private listener: (health: Health) => void = () => undefined;
  onHealth(listener: (health: Health) => void): void {
    this.listener = listener;
    listener('connecting');
  }
  close(): void {
    this.closed = true;
  }
  become(health: Health): void {
    this.listener(health);
  }
}

function stage(answers: (FakeSession | Failure)[] = []) {
  const states: string[] = [];
  const opened: FakeSession[] = [];
  let tries = 0;
  let last: ConnectionState = { name: 'idle' };
  const connection = new ResilientConnection({
    open: async () => {
      const answer = answers[tries] ?? new FakeSession();
      tries += 1;
      if (answer instanceof Failure) throw answer;
      opened.push(answer);
      return answer;
    },
    onState: (state) => {
      last = state;
      if (states.at(-1) !== state.name) states.push(state.name);
    },
    isTemporary: (failure) => failure.status === 409,
    random: () => 1,
  });
  return { connection, states, opened, tries: () => tries, last: () => last };
}

const turn = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('ResilientConnection', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('connects_and_stops_when_asked', async () => {
    const { connection, states, opened } = stage();
    connection.start();
    await turn(0);
    opened[0]!.become('connected');
    connection.stop();
    expect(states).toEqual(['connecting', 'connected', 'stopped']);
    expect(opened[0]!.closed).toBe(true);
    await turn(60_000);
    expect(opened).toHaveLength(1);
  });

  it('rides_out_a_short_disconnect_and_reconnects_after_a_long_one', async () => {
    const { connection, states, opened } = stage();
    connection.start();
    await turn(0);
    opened[0]!.become('connected');
    opened[0]!.become('disconnected');
    await turn(2900);
    opened[0]!.become('connected');
    await turn(10_000);
    expect(opened).toHaveLength(1);
    opened[0]!.become('disconnected');
    await turn(3000 + 300);
    expect(opened).toHaveLength(2);
    expect(opened[0]!.closed).toBe(true);
    expect(states).toEqual(['connecting', 'connected', 'reconnecting']);
  });

  it('tries_again_with_longer_waits_while_the_server_is_away', async () => {
    const away = new Failure(0, '');
    const { connection, tries, states } = stage([away, new Failure(503, ''), away]);
    connection.start();
    await turn(0);
    expect(tries()).toBe(1);
    await turn(300);
    expect(tries()).toBe(2);
    await turn(300);
    expect(tries()).toBe(2);
    await turn(300);
    expect(tries()).toBe(3);
    await turn(1200);
    expect(tries()).toBe(4);
    expect(states).toEqual(['connecting']);
  });

  it('stops_at_a_refusal_that_time_does_not_mend', async () => {
    const { connection, last, tries } = stage([new Failure(401, 'expired')]);
    connection.start();
    await turn(60_000);
    expect(tries()).toBe(1);
    expect(last()).toMatchObject({ name: 'stopped', failure: { status: 401 } });
  });

  it('waits_as_long_as_the_server_asks', async () => {
    const { connection, tries } = stage([new Failure(409, 'not live yet', 2)]);
    connection.start();
    await turn(2000);
    expect(tries()).toBe(1);
    await turn(500);
    expect(tries()).toBe(2);
  });

  it('gives_up_on_an_offer_that_never_connects', async () => {
    const { connection, opened } = stage();
    connection.start();
    await turn(8000 + 300);
    expect(opened).toHaveLength(2);
    expect(opened[0]!.closed).toBe(true);
  });

  it('posts_again_within_its_jitter_when_the_relay_is_lost', async () => {
    const { connection, opened, states } = stage();
    connection.start();
    await turn(0);
    opened[0]!.become('connected');
    connection.reopen();
    expect(opened[0]!.closed).toBe(true);
    await turn(300);
    expect(opened).toHaveLength(2);
    opened[0]!.become('failed');
    opened[1]!.become('connected');
    expect(states).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  });

  it('closes_a_session_that_arrives_after_it_was_stopped', async () => {
    const late = new FakeSession();
    const { connection } = stage([late]);
    connection.start();
    connection.stop(new Failure(409, 'taken over'));
    await turn(0);
    expect(late.closed).toBe(true);
  });
});
