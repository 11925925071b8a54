import { expect, it } from 'vitest';
import { actionFor } from './shortcuts';

const press = (key: string, more = {}) => actionFor({ key, ctrlKey: false, altKey: false, metaKey: false, tag: 'BODY', ...more });

it('knows_the_keys_of_the_player', () => {
  expect([' ', 'M', 'f', 'ArrowLeft', 'ArrowRight', 'l', 'I'].map((key) => press(key))).toEqual([
    'toggle-play',
    'toggle-sound',
    'toggle-fullscreen',
    'back',
    'forward',
    'live',
    'facts',
  ]);
  expect(press('x')).toBeNull();
});

it('leaves_the_keys_of_the_focused_control_and_of_the_browser_alone', () => {
  expect(press(' ', { tag: 'BUTTON' })).toBeNull();
  expect(press('ArrowLeft', { tag: 'INPUT', type: 'range' })).toBeNull();
  expect(press('m', { tag: 'INPUT', type: 'text' })).toBeNull();
  expect(press('f', { ctrlKey: true })).toBeNull();
  expect(press('m', { tag: 'BUTTON' })).toBe('toggle-sound');
});
