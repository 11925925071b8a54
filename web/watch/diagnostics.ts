import type { Player } from './player';

export interface Diagnostics {
  readonly mode: string;
  readonly phase: string;
  readonly trouble: string | null;
  /** Times the picture stopped for want of data after it had begun, jumps not counted. */
  readonly stalls: number;
  readonly stalledMs: number;
  /** Wall clock in ms of the page's first picture; null before it. */
  readonly firstPictureAt: number | null;
  readonly rate: number;
  readonly bufferS: number;
  /** Milliseconds behind what was captured, as far as this side can know; null when unknown. */
  latency(): number | null;
}

/** Counts what the player goes through, and shows it read-only as `window.footlight` for tests and the curious. */
export function exposeDiagnostics(player: Player, video: HTMLVideoElement): () => void {
  const undo = new AbortController();
  const { signal } = undo;
  let stalls = 0;
  let stalledMs = 0;
  let stalledSince: number | null = null;
  let firstPictureAt: number | null = null;

  const onPicture = () => (firstPictureAt ??= Date.now());
  if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(onPicture);
  else (video as HTMLVideoElement).addEventListener('loadeddata', onPicture, { once: true, signal });
  const goOn = () => {
    if (stalledSince !== null) stalledMs += performance.now() - stalledSince;
    stalledSince = null;
  };
  const onWaiting = () => {
    if (firstPictureAt === null || video.seeking || stalledSince !== null) return;
    stalls += 1;
    stalledSince = performance.now();
  };
  video.addEventListener('waiting', onWaiting, { signal });
  video.addEventListener('playing', goOn, { signal });

  const diagnostics: Diagnostics = {
    get mode() {
      return player.view.value.mode;
    },
    get phase() {
      return player.view.value.phase;
    },
    get trouble() {
      return player.view.value.trouble;
    },
    get stalls() {
      return stalls;
    },
    get stalledMs() {
      return stalledMs + (stalledSince === null ? 0 : performance.now() - stalledSince);
    },
    get firstPictureAt() {
      return firstPictureAt;
    },
    get rate() {
      return video.playbackRate;
    },
    get bufferS() {
      const last = video.buffered.length - 1;
      return last < 0 ? 0 : video.buffered.end(last) - video.currentTime;
    },
    latency: () => player.engine?.latency() ?? null,
  };
  Object.defineProperty(window, 'footlight', { value: Object.freeze(diagnostics), configurable: true });
  return () => undo.abort();
}
