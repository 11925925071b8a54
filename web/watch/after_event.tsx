import { Icon } from '../shared/components/icon';
import type { PlayerView } from './player';

const kSentences: Record<PlayerView['recording'], string> = {
  looking: 'Looking for the recording…',
  ready: 'Thank you for being here. The recording is ready.',
  none: 'Thank you for being here. There is no recording of this event.',
  playing: '',
};

export function AfterEvent({ title, recording, onWatch }: { title: string; recording: PlayerView['recording']; onWatch: () => void }) {
  return (
    <section class="curtain" aria-label="After the event">
      <p class="curtain-kicker">{title}</p>
      <h1>The event has ended</h1>
      <p class="quiet" aria-live="polite">
        {kSentences[recording]}
      </p>
      {recording === 'ready' && (
        <button class="button button-primary button-big" type="button" onClick={onWatch}>
          <Icon name="play" /> Watch the recording
        </button>
      )}
    </section>
  );
}
