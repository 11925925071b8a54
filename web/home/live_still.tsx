import { useEffect, useRef, useState } from 'preact/hooks';
import { tokenOfFragment } from '../shared/page_address';
import type { FootlightEvent } from '../shared/types';
import { drawStill } from './still';

const kEveryMs = 30_000;
/** The programme may not have its first picture yet: asked for again soon, then less and less often. */
const kSoonMs = 1500;

/** What the audience of a live event sees, as a small still: a new one now and then while the card is in view. */
export function LiveStill({ event }: { event: FootlightEvent }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState(false);
  const url = watchableUrl(event);
  useEffect(() => keepFresh(canvas.current!, url, () => setDrawn(true)), [url]);
  const { width, height } = event.canvas;
  return (
    <a class="still" href={event.links.watch} target="_blank" rel="noopener" aria-label={`Watch ${event.title}`} style={{ aspectRatio: `${width} / ${height}` }}>
      <canvas ref={canvas} width={640} height={Math.round((640 * height) / width)} data-drawn={drawn} aria-hidden="true" />
    </a>
  );
}

/** For an event with an invited audience the watch link carries the viewer's token. */
function watchableUrl(event: FootlightEvent): string {
  const url = new URL(event.playback.hls_url);
  const token = tokenOfFragment(new URL(event.links.watch).hash);
  if (token) url.searchParams.set('token', token);
  return url.href;
}

/** Draws while the canvas is in view and the page is looked at. Returns what stops it. */
function keepFresh(canvas: HTMLCanvasElement, url: string, onDrawn: () => void): () => void {
  if (!('MediaSource' in window)) return () => undefined;
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let inView = false;
  let busy = false;
  let wait = kSoonMs;
  const look = async () => {
    clearTimeout(timer);
    if (busy || !inView || document.visibilityState !== 'visible') return;
    busy = true;
    const done = await drawStill(canvas, url, stopped.signal);
    busy = false;
    if (stopped.signal.aborted) return;
    if (done) onDrawn();
    wait = done ? kEveryMs : Math.min(kEveryMs, wait * 2);
    timer = setTimeout(() => void look(), wait);
  };
  const observer = new IntersectionObserver((entries) => {
    inView = entries.at(-1)?.isIntersecting ?? false;
    if (inView) void look();
  });
  observer.observe(canvas);
  document.addEventListener('visibilitychange', () => void look(), { signal: stopped.signal });
  return () => {
    stopped.abort();
    observer.disconnect();
    clearTimeout(timer);
  };
}
