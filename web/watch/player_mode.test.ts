import { expect, it } from 'vitest';
import { chooseMode, phaseOf } from './player_mode';

const kAble = { canHls: true, canWhep: true, override: null };

it('follows_the_session_type', () => {
  expect(chooseMode({ ...kAble, sessionType: 'broadcast' })).toBe('hls');
  expect(chooseMode({ ...kAble, sessionType: 'interactive' })).toBe('whep');
});

it('lets_the_address_override_and_ignores_what_it_does_not_know', () => {
  expect(chooseMode({ ...kAble, sessionType: 'broadcast', override: 'whep' })).toBe('whep');
  expect(chooseMode({ ...kAble, sessionType: 'interactive', override: 'hls' })).toBe('hls');
  expect(chooseMode({ ...kAble, sessionType: 'broadcast', override: 'rtmp' })).toBe('hls');
});

it('takes_the_other_way_when_the_browser_cannot', () => {
  expect(chooseMode({ ...kAble, sessionType: 'interactive', canWhep: false })).toBe('hls');
  expect(chooseMode({ ...kAble, sessionType: 'broadcast', canHls: false })).toBe('whep');
});

it('shows_the_waiting_room_until_live_and_the_recording_after', () => {
  expect((['draft', 'rehearsal', 'live', 'ended', 'archived'] as const).map(phaseOf)).toEqual([
    'before',
    'before',
    'live',
    'ended',
    'ended',
  ]);
});
