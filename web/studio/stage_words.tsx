import type { StageState } from './stage_state';
import type { StudioView } from './studio_session';

const kBadges: Record<StageState, { text: string; tone?: 'live' | 'warm' }> = {
  off: { text: 'Off air' },
  connecting: { text: 'Connecting', tone: 'warm' },
  backstage: { text: 'Backstage', tone: 'warm' },
  'on-air': { text: 'On air', tone: 'live' },
  reconnecting: { text: 'Reconnecting', tone: 'warm' },
  'taken-over': { text: 'On air elsewhere' },
  refused: { text: 'Off air' },
  over: { text: 'Ended' },
};

export function StageBadge({ stage }: { stage: StageState }) {
  const { text, tone } = kBadges[stage];
  return (
    <span class="badge" data-tone={tone} data-testid="stage">
      {text}
    </span>
  );
}

/** What leaves this page at the moment. */
export interface Sent {
  picture: boolean;
  sound: boolean;
  /** Neither camera nor microphone could be opened. */
  blocked?: boolean;
}

function whatIsSent({ picture, sound }: Sent): string {
  if (picture && sound) return 'The audience sees and hears you.';
  if (picture) return 'The audience sees you but does not hear you.';
  return sound ? 'The audience hears you and sees the slate.' : 'The audience neither sees nor hears you.';
}

/** One sentence for where the presenter stands, and what comes next. */
export function stageSentence({ stage, eventState, isProducer, known }: StudioView, sent: Sent): string {
  if (!known) return 'Opening the studio…';
  switch (stage) {
    case 'off':
    case 'refused':
      if (sent.blocked) return 'You cannot go on air yet: Footlight needs your camera or your microphone first.';
      if (eventState === 'live') return 'The event is live. Press Go on air when you are ready to be seen.';
      return isProducer
        ? 'Check yourself in the picture. Go on air starts the event for the audience.'
        : 'Check yourself in the picture. Press Go on air when you are ready; the organiser starts the event.';
    case 'connecting':
      return 'Connecting…';
    case 'backstage':
      return eventState === 'live'
        ? 'You are backstage. The audience sees you when the organiser brings you on.'
        : 'You are connected. The audience sees you as soon as the event is live.';
    case 'on-air':
      return `You are on air. ${whatIsSent(sent)}`;
    case 'reconnecting':
      return "Reconnecting… your audience sees your last picture, then the event's slate. This page does it by itself.";
    case 'taken-over':
      return 'You went on air in another window or on another device, so this page has stopped. Press Go on air to come back here.';
    case 'over':
      return 'The event has ended. Thank you; you can close this page.';
  }
}
