import { expect, it } from 'vitest';
import { clockText, countdownText } from './countdown';

it('counts_down_in_the_two_largest_units', () => {
  expect(countdownText(((2 * 24 + 3) * 60 + 59) * 60_000)).toBe('2 days 3 hours');
  expect(countdownText(3_600_000)).toBe('1 hour');
  expect(countdownText(61_000)).toBe('1 minute 1 second');
  expect(countdownText(3_605_000)).toBe('1 hour');
  expect(countdownText(1)).toBe('1 second');
  expect(countdownText(0)).toBe('');
  expect(countdownText(-5000)).toBe('');
});

it('writes_times_as_clocks_do', () => {
  expect([0, 9, 75, 3723].map(clockText)).toEqual(['0:00', '0:09', '1:15', '1:02:03']);
});
