import type { EventState, SessionType } from '../shared/types';

export type Mode = 'hls' | 'whep';

/** What the page shows: the waiting room, the live programme, or what is left of it. */
export type Phase = 'before' | 'live' | 'ended';

export interface ModeQuestion {
  sessionType: SessionType;
  /** `?transport=` of the address. */
  override: string | null;
  /** What this browser can do. */
  canHls: boolean;
  canWhep: boolean;
}

/** LL-HLS for broadcasts and WHEP for interactive sessions, unless the address or the browser says otherwise. */
export function chooseMode({ sessionType, override, canHls, canWhep }: ModeQuestion): Mode {
  const wish: Mode = override === 'hls' || override === 'whep' ? override : sessionType === 'interactive' ? 'whep' : 'hls';
  if (wish === 'whep') return canWhep ? 'whep' : 'hls';
  return canHls || !canWhep ? 'hls' : 'whep';
}

export function phaseOf(state: EventState): Phase {
  if (state === 'live') return 'live';
  return state === 'ended' || state === 'archived' ? 'ended' : 'before';
}
