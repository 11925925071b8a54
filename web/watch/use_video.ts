import { useEffect, useState } from 'preact/hooks';

export interface VideoState {
  paused: boolean;
  muted: boolean;
  volume: number;
  /** The first picture is there. */
  started: boolean;
  /** It should play and has nothing to play. */
  waiting: boolean;
}

const kEvents = ['play', 'pause', 'playing', 'volumechange', 'waiting', 'loadeddata', 'emptied'] as const;

export function useVideo(video: HTMLVideoElement | null): VideoState {
  const [state, setState] = useState<VideoState>({
    paused: true,
    muted: true,
    volume: 1,
    started: false,
    waiting: false,
  });
  useEffect(() => {
    if (!video) return;
    const read = (event?: Event) =>
      setState((before) => ({
        paused: video.paused,
        muted: video.muted,
        volume: video.volume,
        started: before.started || event?.type === 'loadeddata',
        waiting: event?.type === 'waiting' || (before.waiting && event?.type !== 'playing'),
      }));
    for (const name of kEvents) video.addEventListener(name, read);
    read();
    return () => {
      for (const name of kEvents) video.removeEventListener(name, read);
    };
  }, [video]);
  return state;
}
