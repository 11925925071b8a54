import { expect, it } from 'vitest';
import { eventIdOf, tokenOfFragment } from './page_address';

it('takes_the_event_from_the_second_step_of_the_path', () => {
  expect(eventIdOf('/watch/demo')).toBe('demo');
  expect(eventIdOf('/control-room/a%20b/')).toBe('a b');
  expect(eventIdOf('/watch/')).toBe('');
  expect(eventIdOf('/watch/%E0%A4%A')).toBe('');
});

it('takes_the_token_from_the_fragment', () => {
  expect(tokenOfFragment('#token=a.b.c')).toBe('a.b.c');
  expect(tokenOfFragment('#x=1&token=t')).toBe('t');
  expect(tokenOfFragment('#token=')).toBeNull();
  expect(tokenOfFragment('')).toBeNull();
});
