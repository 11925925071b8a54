import type { ComponentChildren } from 'preact';
import './full_message.css';

/** A whole page that has one thing to say. */
export function FullMessage({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <main class="full-message" aria-live="polite">
      <h1>{title}</h1>
      {children}
    </main>
  );
}
