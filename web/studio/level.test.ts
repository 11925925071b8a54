import { expect, it } from 'vitest';
import { meterLevel } from './level';

it('is_empty_in_silence_and_full_at_full_scale', () => {
  expect(meterLevel(new Float32Array(64))).toBe(0);
  expect(meterLevel([])).toBe(0);
  expect(meterLevel(new Float32Array(64).fill(1))).toBe(1);
});

it('moves_in_decibels', () => {
  expect(meterLevel(new Float32Array(64).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5);
  expect(meterLevel(new Float32Array(64).fill(10 ** (-80 / 20)))).toBe(0);
});
