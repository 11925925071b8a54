import { expect, it } from 'vitest';
import { StatsReader } from './session_stats';

const inbound = (at: number, more: Record<string, unknown>) => ({ id: 'v', type: 'inbound-rtp', kind: 'video', timestamp: at, codecId: 'c', ...more });
const kRest = [
  { id: 'c', type: 'codec', timestamp: 0, mimeType: 'video/H264' },
  { id: 't', type: 'transport', timestamp: 0, selectedCandidatePairId: 'p' },
  { id: 'p', type: 'candidate-pair', timestamp: 0, currentRoundTripTime: 0.012, localCandidateId: 'l' },
  { id: 'l', type: 'local-candidate', timestamp: 0, protocol: 'udp', candidateType: 'host' },
];

it('turns_totals_into_rates_between_two_readings', () => {
  const reader = new StatsReader();
  reader.read([inbound(1000, { bytesReceived: 0, packetsReceived: 0, packetsLost: 0, jitterBufferDelay: 0, jitterBufferEmittedCount: 0 }), ...kRest], 'inbound');
  const stats = reader.read(
    [inbound(2000, { bytesReceived: 125_000, packetsReceived: 95, packetsLost: 5, jitterBufferDelay: 1.2, jitterBufferEmittedCount: 30 }), ...kRest],
    'inbound',
  );
  expect(stats.bitrate).toBe(1_000_000);
  expect(stats.lossRatio).toBeCloseTo(0.05);
  expect(stats.jitterBufferMs).toBeCloseTo(40);
  expect(stats).toMatchObject({ roundTripMs: 12, codec: 'H264', transport: 'udp' });
});

it('says_null_where_the_browser_says_nothing', () => {
  expect(new StatsReader().read([], 'outbound')).toMatchObject({ bitrate: null, roundTripMs: null, transport: null, codec: null });
});

it('calls_a_relayed_candidate_turn', () => {
  const reports = kRest.map((r) => (r.id === 'l' ? { ...r, candidateType: 'relay' } : r));
  expect(new StatsReader().read(reports, 'inbound').transport).toBe('turn');
});
