import { useEffect, useRef } from 'preact/hooks';
import { LevelMeter } from './level';

/** A microphone's level, moving with the voice. Falls slower than it rises, as meters do. */
export function LevelBar({ track, muted }: { track: MediaStreamTrack | null; muted: boolean }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!track) return;
    const meter = new LevelMeter(track);
    let shown = 0;
    let frame = requestAnimationFrame(function draw() {
      shown = Math.max(meter.read(), shown - 0.02);
      bar.current?.style.setProperty('--level', shown.toFixed(3));
      bar.current?.setAttribute('aria-valuenow', String(Math.round(shown * 100)));
      frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
      meter.close();
    };
  }, [track]);
  return (
    <div
      class="level"
      ref={bar}
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
      data-muted={muted}
    />
  );
}
