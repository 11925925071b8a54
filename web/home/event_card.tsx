import { useState } from 'preact/hooks';
import { kMoves, type Move } from '../shared/api';
import { Ask } from '../shared/components/ask';
import { CopyField } from '../shared/components/copy_field';
import { EventBadge } from '../shared/components/event_badge';
import { QrCode } from '../shared/components/qr_code';
import type { FootlightEvent } from '../shared/types';
import type { House } from './house';
import { LiveStill } from './live_still';

export function EventCard({ event, streamKey, house }: { event: FootlightEvent; streamKey: string | undefined; house: House }) {
  const over = event.state === 'ended' || event.state === 'archived';
  return (
    <li class="card event-card" data-state={event.state}>
      {event.state === 'live' && <LiveStill event={event} />}
      <header class="event-head">
        <EventBadge state={event.state} />
        <h2>{event.title}</h2>
        <p class="quiet small">{whenText(event)}</p>
      </header>
      <NextAction event={event} house={house} />
      <div class="event-links">
        <CopyField label="Watch page" value={event.links.watch} openable />
        {!over && <CopyField label="Studio" value={event.links.studio} openable />}
        {!over && <CopyField label="Control room" value={event.links.control_room} openable />}
      </div>
      <details open={streamKey !== undefined}>
        <summary>More</summary>
        <div class="stack more">
          <figure class="event-qr">
            <QrCode text={event.links.watch} label={`QR code of the watch page of ${event.title}`} />
            <figcaption class="small quiet">Scan to watch</figcaption>
          </figure>
          {!over && <Encoder event={event} streamKey={streamKey} house={house} />}
          <Remove event={event} house={house} />
        </div>
      </details>
    </li>
  );
}

/** The one thing that is most likely wanted now, first. */
function NextAction({ event, house }: { event: FootlightEvent; house: House }) {
  const [asking, setAsking] = useState<Move | null>(null);
  const moves = kMoves[event.state];
  const act = (move: Move) => (move === 'end' || move === 'go-live' ? setAsking(move) : void house.move(event.id, move));
  if (moves.length === 0) {
    return (
      <a class="button event-main" href={event.links.watch} target="_blank" rel="noopener">
        {event.record ? 'Watch the recording' : 'Open the watch page'}
      </a>
    );
  }
  return (
    <div class="row">
      <a class="button button-primary" href={event.links.studio} target="_blank" rel="noopener">
        Open the studio
      </a>
      {moves.map(({ move, label }) => (
        <button key={move} class="button" type="button" onClick={() => act(move)}>
          {label}
        </button>
      ))}
      {asking && (
        <Ask
          title={asking === 'end' ? `End “${event.title}”?` : `Go live with “${event.title}”?`}
          yes={asking === 'end' ? 'End the event' : 'Go live'}
          danger={asking === 'end'}
          onNo={() => setAsking(null)}
          onYes={() => {
            setAsking(null);
            void house.move(event.id, asking);
          }}
        >
          <p class="quiet">
            {asking === 'end'
              ? 'The audience sees that it is over. An ended event cannot be started again.'
              : 'The audience sees the programme from this moment, and recording begins if it is on.'}
          </p>
        </Ask>
      )}
    </div>
  );
}

/** For OBS and other programs that speak WHIP. */
function Encoder({ event, streamKey, house }: { event: FootlightEvent; streamKey: string | undefined; house: House }) {
  const [asking, setAsking] = useState(false);
  return (
    <section class="stack encoder">
      <h3>OBS and other encoders</h3>
      <div class="event-links">
        <CopyField label="WHIP server" value={event.ingest.whip_url} />
        {event.ingest.rtmp_url && <CopyField label="RTMP server" value={event.ingest.rtmp_url} />}
        {streamKey && <CopyField label="Key" value={streamKey} />}
      </div>
      <p class="quiet small">
        {streamKey
          ? 'Copy the key now: it is not shown again. In OBS choose the service WHIP and use the key as bearer token.'
          : 'The key was shown when it was made. A new one cuts whoever publishes with the old one.'}
      </p>
      <div>
        <button class="button" type="button" onClick={() => setAsking(true)}>
          Make a new key
        </button>
      </div>
      {asking && (
        <Ask
          title="Make a new key?"
          yes="Make a new key"
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            void house.newKey(event.id);
          }}
        >
          <p class="quiet">The old key stops working at once, and an encoder that uses it is cut off.</p>
        </Ask>
      )}
    </section>
  );
}

function Remove({ event, house }: { event: FootlightEvent; house: House }) {
  const [asking, setAsking] = useState(false);
  const running = event.state === 'rehearsal' || event.state === 'live';
  return (
    <div>
      <button class="button button-quiet" type="button" disabled={running} onClick={() => setAsking(true)}>
        Delete
      </button>
      {running && <p class="quiet small">A running event cannot be deleted. End it first.</p>}
      {asking && (
        <Ask
          title={`Delete “${event.title}”?`}
          yes="Delete"
          danger
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            void house.remove(event.id);
          }}
        >
          <p class="quiet">Its links stop working, and its recording is no longer to be found. This cannot be undone.</p>
        </Ask>
      )}
    </div>
  );
}

function whenText(event: FootlightEvent): string {
  const at = (time: string) => new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  if (event.ended_at) return `Ended ${at(event.ended_at)}`;
  if (event.started_at && event.state === 'live') return `Live since ${at(event.started_at)}`;
  if (event.starts_at) return `Starts ${at(event.starts_at)}`;
  return `Made ${at(event.created_at)}`;
}
