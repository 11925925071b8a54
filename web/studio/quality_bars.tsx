import type { SessionStats } from '../shared/webrtc/session_stats';
import { judge, type Quality } from './quality';

export function QualityBars({ stats, lost }: { stats: SessionStats | null; lost: boolean }) {
  const { bars, words }: Quality = lost ? { bars: 0, words: 'No connection at the moment' } : judge(stats);
  return (
    <div class="quality-line" title={words}>
      <span class="quality-bars" role="img" aria-label={`${bars} of 3 bars`} data-bars={bars}>
        <i />
        <i />
        <i />
      </span>
      <span>
        {words}
        {stats && !lost && <span class="quality-details quiet small">{details(stats)}</span>}
      </span>
    </div>
  );
}

function details(stats: SessionStats): string {
  return [
    stats.width && stats.height ? `${stats.width} × ${stats.height}` : null,
    stats.bitrate === null ? null : `${(stats.bitrate / 1e6).toFixed(1)} Mbit/s`,
    stats.roundTripMs === null ? null : `${Math.round(stats.roundTripMs)} ms`,
    stats.transport?.toUpperCase() ?? null,
  ]
    .filter(Boolean)
    .join(' · ');
}
