import { useEffect, useState } from 'preact/hooks';
import { countdownText } from './countdown';

/** Before the event: who comes early must know that this is the place, and when it begins. */
export function WaitingRoom({ title, startsAt, trouble }: { title: string; startsAt: string | null; trouble: string | null }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const start = startsAt === null ? null : new Date(startsAt);
  const left = start ? countdownText(start.getTime() - now) : '';
  return (
    <section class="curtain" aria-label="Before the event">
      <p class="curtain-kicker">You're in the right place.</p>
      <h1>{title}</h1>
      {start && (
        <p>
          <time dateTime={start.toISOString()}>{start.toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' })}</time>
        </p>
      )}
      {left && (
        <p class="curtain-countdown" role="timer" aria-live="off">
          {left}
        </p>
      )}
      <p class="quiet" aria-live="polite">
        {trouble ?? (left ? 'It begins here by itself. You can leave this page open.' : 'It begins any moment, here, by itself.')}
      </p>
    </section>
  );
}
