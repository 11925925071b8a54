import { expect, it } from 'vitest';
import { Backoff } from './backoff';

it('doubles_up_to_its_bound_and_starts_again_after_reset', () => {
  const backoff = new Backoff({ first: 100, most: 1000 }, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

it('never_waits_less_than_half_of_the_step', () => {
  const backoff = new Backoff({ first: 100, most: 1000 }, () => 0);
  expect(backoff.next()).toBe(50);
  expect(backoff.next()).toBe(100);
});
