import type { ComponentChildren } from 'preact';
import { Mark } from './mark';
import './masthead.css';

/** The strip at the top of every page but the embedded player: the light, the page's name, and its own tools. */
export function Masthead({ title, children }: { title?: string; children?: ComponentChildren }) {
  return (
    <header class="masthead">
      <a class="masthead-home" href="/" aria-label="Footlight, all events">
        <Mark />
        <span class="masthead-name">Footlight</span>
      </a>
      {title !== undefined && <p class="masthead-title">{title}</p>}
      <div class="masthead-tools">{children}</div>
    </header>
  );
}
