import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Icon } from '../shared/components/icon';
import { Masthead } from '../shared/components/masthead';
import { useStore } from '../shared/store';
import '../shared/styles/index.css';
import { EventCard } from './event_card';
import './home.css';
import { House } from './house';
import { NewEventDialog } from './new_event';
import { adminSession } from './session';
import { SignIn } from './sign_in';

function HomePage() {
  const [token, setToken] = useState(adminSession.read());
  const [expired, setExpired] = useState(false);
  const signIn = (given: string) => {
    adminSession.keep(given);
    setToken(given);
  };
  const signOut = (wasExpired: boolean) => {
    adminSession.forget();
    setExpired(wasExpired);
    setToken(null);
  };
  if (token === null) return <SignIn onToken={signIn} expired={expired} />;
  return <Events token={token} onSignOut={signOut} />;
}

function Events({ token, onSignOut }: { token: string; onSignOut: (expired: boolean) => void }) {
  const house = useMemo(() => new House(token, () => onSignOut(true)), [token]);
  const { events, message, keys } = useStore(house.view);
  const [making, setMaking] = useState(false);
  useEffect(() => {
    house.start();
    return () => house.stop();
  }, [house]);
  return (
    <div class="home">
      <Masthead>
        <button class="button button-quiet" type="button" onClick={() => onSignOut(false)}>
          Sign out
        </button>
      </Masthead>
      <main class="home-main">
        <div class="home-head">
          <h1>Events</h1>
          <button class="button button-primary" type="button" onClick={() => setMaking(true)}>
            <Icon name="plus" /> New event
          </button>
        </div>
        {message && (
          <div class="notice" data-tone="bad" role="alert">
            <p>{message}</p>
          </div>
        )}
        {events === null && !message && <p class="quiet">Opening the house…</p>}
        {events?.length === 0 && <EmptyHouse />}
        <ul class="event-list">
          {events?.map((event) => (
            <EventCard key={event.id} event={event} streamKey={keys[event.id]} house={house} />
          ))}
        </ul>
      </main>
      {making && <NewEventDialog onCreate={(event) => house.create(event)} onClose={() => setMaking(false)} />}
    </div>
  );
}

function EmptyHouse() {
  return (
    <section class="card empty-house">
      <h2>The house is empty</h2>
      <ol>
        <li>Press New event and give it a title.</li>
        <li>Open its studio, look into the camera, and press Go on air.</li>
        <li>Send its watch page to your audience.</li>
      </ol>
      <p class="quiet">
        To look around first, start Footlight with <code>serve --demo</code>: an event called Demo is then on air here, with a moving picture
        and a tone.
      </p>
    </section>
  );
}

render(<HomePage />, document.getElementById('app')!);
