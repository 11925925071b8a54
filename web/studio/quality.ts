import type { SessionStats } from '../shared/webrtc/session_stats';

export interface Quality {
  /** 0 (nothing known) to 3 (good). */
  bars: 0 | 1 | 2 | 3;
  words: string;
}

/** Loss that speech and picture hide with repair, and loss that shows. */
const kFineLoss = 0.02;
const kBadLoss = 0.08;
/** Round trips at which repair comes late. */
const kFineRoundTripMs = 250;
const kBadRoundTripMs = 600;

/** How the picture leaves this page, as three bars and a sentence. */
export function judge(stats: SessionStats | null): Quality {
  if (!stats || stats.bitrate === null) return { bars: 0, words: 'Measuring the connection' };
  const loss = stats.lossRatio ?? 0;
  const trip = stats.roundTripMs ?? 0;
  if (loss > kBadLoss || trip > kBadRoundTripMs) {
    return { bars: 1, words: 'Weak connection: the audience may see the picture stop. Use a cable or move closer to the Wi-Fi.' };
  }
  if (stats.limitedBy === 'cpu') {
    return { bars: 2, words: 'This computer is busy: the picture is sent smaller. Close other programs.' };
  }
  if (loss > kFineLoss || trip > kFineRoundTripMs || stats.limitedBy === 'bandwidth') {
    return { bars: 2, words: 'Fair connection: the picture is sent a little smaller than it could be.' };
  }
  return { bars: 3, words: 'Good connection' };
}
