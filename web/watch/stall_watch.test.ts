import { expect, it } from 'vitest';
import { StallWatch } from './stall_watch';

function advice(frames: { at: number; position: number; bufferEnd: number }[]): string[] {
  const watch = new StallWatch();
  return frames.map(({ at, position, bufferEnd }) => watch.ask(at, position, bufferEnd)).filter((a) => a !== 'none');
}
const every = (ms: number, count: number, frame: (i: number) => { position: number; bufferEnd: number }) =>
  Array.from({ length: count }, (_, i) => ({ at: i * ms, ...frame(i) }));

it('leaves_a_moving_picture_alone', () => {
  expect(advice(every(100, 300, (i) => ({ position: i / 10, bufferEnd: i / 10 + 0.4 })))).toEqual([]);
});

it('jumps_and_then_rebuilds_when_the_picture_stands_though_data_is_there', () => {
  expect(advice(every(100, 70, (i) => ({ position: 5, bufferEnd: 6 + i / 10 })))).toEqual(['jump', 'rebuild']);
});

it('waits_while_the_programme_is_away_and_rebuilds_when_that_takes_long', () => {
  expect(advice(every(100, 110, () => ({ position: 5, bufferEnd: 5.1 })))).toEqual([]);
  expect(advice(every(100, 130, () => ({ position: 5, bufferEnd: 5.1 })))).toEqual(['rebuild']);
});
