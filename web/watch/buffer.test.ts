import { expect, it } from 'vitest';
import { bufferEndAt } from './buffer';

const ranges = (...list: [number, number][]): TimeRanges => ({
  length: list.length,
  start: (i) => list[i]![0],
  end: (i) => list[i]![1],
});

it('ends_where_the_stretch_under_the_position_ends', () => {
  expect(bufferEndAt(ranges([0, 4], [6, 9]), 3)).toBe(4);
  expect(bufferEndAt(ranges([0, 4], [6, 9]), 7)).toBe(9);
});

it('plays_over_the_tiny_holes_that_audio_priming_leaves', () => {
  expect(bufferEndAt(ranges([0, 4], [4.05, 9]), 3)).toBe(9);
});

it('is_the_position_itself_where_nothing_is_buffered', () => {
  expect(bufferEndAt(ranges(), 5)).toBe(5);
  expect(bufferEndAt(ranges([6, 9]), 5)).toBe(5);
});
