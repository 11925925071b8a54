import { useEffect } from 'preact/hooks';
import { CopyField } from '../shared/components/copy_field';
import { EventBadge } from '../shared/components/event_badge';
import { FullMessage } from '../shared/components/full_message';
import { Masthead } from '../shared/components/masthead';
import { useStore } from '../shared/store';
import type { FootlightEvent } from '../shared/types';
import { Invite } from './invite';
import { Moves } from './moves';
import { Programme } from './programme';
import type { Room } from './room';
import './room.css';
import { SourceList } from './source_list';

export function RoomPage({ room, token }: { room: Room; token: string }) {
  const { event, sources, message, refused, relayLosses } = useStore(room.view);
  useEffect(() => {
    if (event) document.title = `${event.title} · Control room · Footlight`;
  }, [event?.title]);
  if (!event) {
    return (
      <>
        <Masthead />
        <FullMessage title={refused ? 'The control room did not open' : 'One moment…'} waiting={!message}>{message && <p>{message}</p>}</FullMessage>
      </>
    );
  }
  const over = event.state === 'ended' || event.state === 'archived';
  return (
    <div class="room">
      <Masthead title={event.title}>
        <EventBadge state={event.state} />
      </Masthead>
      <main class="room-floor">
        <section class="room-main">
          <Programme event={event} token={token} relayLosses={relayLosses} />
          {!over && <SourceList sources={sources} room={room} />}
        </section>
        <aside class="room-side" aria-label="The run of things">
          {message && (
            <div class="notice" data-tone="bad" role="alert">
              <p>{message}</p>
            </div>
          )}
          <section class="card stack">
            <h2>{kStateTitles[event.state]}</h2>
            <p class="quiet" aria-live="polite">
              {kStateSentences[event.state]}
            </p>
            <Moves event={event} room={room} />
          </section>
          <section class="card room-links">
            <CopyField label="Watch page" value={event.links.watch} openable />
            {!over && <CopyField label="Your studio" value={event.links.studio} openable />}
          </section>
          {!over && <Invite room={room} />}
        </aside>
      </main>
    </div>
  );
}

const kStateTitles: Record<FootlightEvent['state'], string> = {
  draft: 'Draft',
  rehearsal: 'Rehearsal',
  live: 'Live',
  ended: 'The event has ended',
  archived: 'The event is archived',
};

const kStateSentences: Record<FootlightEvent['state'], string> = {
  draft: 'Nobody sees anything yet. Rehearse to run the programme for you and the presenters alone, or go live.',
  rehearsal: 'The programme runs for you and the presenters. The audience still waits.',
  live: 'The audience sees the programme.',
  ended: 'The audience sees that it is over. The recording is being closed.',
  archived: 'Everything is in its place. The watch page shows the recording, if there is one.',
};
