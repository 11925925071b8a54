import { useEffect, useState } from 'preact/hooks';

/** Controls cover the picture for this long after the last movement, and no longer. */
const kIdleMs = 2500;

/** True when nobody has moved over `element` or pressed a key for a while. */
export function useIdle(element: HTMLElement): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    let timer = setTimeout(() => setIdle(true), kIdleMs);
    const wake = () => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(true), kIdleMs);
    };
    const names = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;
    for (const name of names) element.addEventListener(name, wake);
    window.addEventListener('keydown', wake);
    return () => {
      clearTimeout(timer);
      for (const name of names) element.removeEventListener(name, wake);
      window.removeEventListener('keydown', wake);
    };
  }, [element]);
  return idle;
}
