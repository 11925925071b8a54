import type { ComponentChildren } from 'preact';
import './full_message.css';
import { Mark } from './mark';

/** A whole page that has one thing to say. */
export function FullMessage(props: { title: string; waiting?: boolean; lamp?: boolean; children?: ComponentChildren }) {
  const { title, waiting = false, lamp = false, children } = props;
  return (
    <main class="full-message" aria-live="polite" data-waiting={waiting}>
      {lamp && <Mark size={48} />}
      <h1>{title}</h1>
      {children}
    </main>
  );
}
