import type { EventState } from '../types';

const kWords: Record<EventState, { text: string; tone?: 'live' | 'warm' }> = {
  draft: { text: 'Draft' },
  rehearsal: { text: 'Rehearsal', tone: 'warm' },
  live: { text: 'Live', tone: 'live' },
  ended: { text: 'Ended' },
  archived: { text: 'Archived' },
};

export function EventBadge({ state }: { state: EventState }) {
  const { text, tone } = kWords[state];
  return (
    <span class="badge" data-tone={tone}>
      {text}
    </span>
  );
}
