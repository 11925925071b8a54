import { expect, test } from 'vitest';
import { sourceNames } from './source_names';

test('sources of one name are told apart, and given names stay as they are', () => {
  const names = sourceNames([
    { id: 'a', name: 'camera' },
    { id: 'b', name: 'Ada' },
    { id: 'c', name: 'camera' },
  ]);
  expect([...names.values()]).toEqual(['Camera', 'Ada', 'Camera 2']);
});
