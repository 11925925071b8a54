import { useEffect, useState } from 'preact/hooks';
import { clockText } from './countdown';
import type { Player } from './player';

interface Times {
  start: number;
  end: number;
  position: number;
}

/** Windows shorter than this have nothing worth rewinding to. */
const kLeastWindowS = 15;

/** The rewind bar: of the window while live, of the whole while it is a recording. */
export function SeekBar({ player, video, live }: { player: Player; video: HTMLVideoElement; live: boolean }) {
  const times = useTimes(player, video);
  if (!times || times.end - times.start < (live ? kLeastWindowS : 1)) return null;
  const behind = times.end - times.position;
  const atEdge = live && player.engine?.isAtEdge();
  const text = live ? (atEdge ? 'Live' : `${clockText(behind)} behind live`) : clockText(times.position - times.start);
  const share = atEdge ? 1 : (times.position - times.start) / (times.end - times.start);
  return (
    <input
      class="seek-bar"
      type="range"
      aria-label={live ? 'Rewind' : 'Position'}
      aria-valuetext={text}
      min={times.start}
      max={times.end}
      step="any"
      value={atEdge ? times.end : times.position}
      style={{ '--share': `${Math.max(0, Math.min(1, share)) * 100}%` }}
      onInput={(event) => player.engine?.seek(Number(event.currentTarget.value))}
    />
  );
}

/** "1:02:03 / 2:00:00" of a recording, "−0:42" behind a live edge. */
export function TimeText({ player, video, live }: { player: Player; video: HTMLVideoElement; live: boolean }) {
  const times = useTimes(player, video);
  if (!times || (live && player.engine?.isAtEdge())) return null;
  const text = live
    ? `−${clockText(times.end - times.position)}`
    : `${clockText(times.position - times.start)} / ${clockText(times.end - times.start)}`;
  return <span class="player-time">{text}</span>;
}

function useTimes(player: Player, video: HTMLVideoElement): Times | null {
  const [times, setTimes] = useState<Times | null>(null);
  useEffect(() => {
    const read = () => {
      const window = player.engine?.window() ?? null;
      setTimes(window && { ...window, position: video.currentTime });
    };
    read();
    video.addEventListener('timeupdate', read);
    return () => video.removeEventListener('timeupdate', read);
  }, [player, video]);
  return times;
}
