import { expect, it } from 'vitest';
import type { SessionStats } from '../shared/webrtc/session_stats';
import { judge } from './quality';

const kGood: SessionStats = {
  roundTripMs: 20,
  jitterBufferMs: null,
  bitrate: 2_000_000,
  lossRatio: 0,
  framesPerSecond: 30,
  width: 1280,
  height: 720,
  codec: 'H264',
  transport: 'udp',
  limitedBy: 'none',
};

it('shows_three_bars_for_a_sound_connection', () => expect(judge(kGood).bars).toBe(3));

it('shows_two_when_something_holds_the_picture_back', () => {
  expect(judge({ ...kGood, limitedBy: 'bandwidth' }).bars).toBe(2);
  expect(judge({ ...kGood, lossRatio: 0.04 }).bars).toBe(2);
  expect(judge({ ...kGood, limitedBy: 'cpu' }).words).toContain('computer');
});

it('shows_one_when_the_audience_will_notice', () => {
  expect(judge({ ...kGood, lossRatio: 0.2 }).bars).toBe(1);
  expect(judge({ ...kGood, roundTripMs: 900 }).bars).toBe(1);
});

it('claims_nothing_before_it_has_measured', () => {
  expect(judge(null).bars).toBe(0);
  expect(judge({ ...kGood, bitrate: null }).bars).toBe(0);
});
