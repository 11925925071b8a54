import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { FullMessage } from '../shared/components/full_message';
import { Mark } from '../shared/components/mark';
import { eventIdOf, readToken } from '../shared/page_address';
import '../shared/styles/index.css';
import type { Phase } from './player_mode';
import { PlayerSurface } from './player_surface';
import { useWatchInfo } from './use_watch_info';
import './watch.css';

const kEventId = eventIdOf(window.location.pathname);
const kToken = readToken(`footlight.watch.${kEventId}`);
const kOverride = new URLSearchParams(window.location.search).get('transport');

function WatchPage() {
  const { info, message, final } = useWatchInfo(kEventId, kToken);
  const [phase, setPhase] = useState<Phase>('before');
  useEffect(() => {
    if (info) document.title = `${info.title} · Footlight`;
  }, [info]);
  if (!info) {
    return (
      <FullMessage title={final ? 'This did not open' : 'One moment…'} waiting={!message} lamp>
        {message && <p>{message}</p>}
      </FullMessage>
    );
  }
  return (
    <div class="watch">
      <header class="watch-head">
        <Mark size={24} />
        <p class="watch-title">{info.title}</p>
        {phase === 'live' && (
          <span class="badge" data-tone="live">
            Live
          </span>
        )}
      </header>
      <main class="watch-stage">
        <PlayerSurface info={info} token={kToken} override={kOverride} onPhase={setPhase} />
      </main>
    </div>
  );
}

render(<WatchPage />, document.getElementById('app')!);
