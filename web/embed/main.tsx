import { render } from 'preact';
import { FullMessage } from '../shared/components/full_message';
import { eventIdOf, readToken } from '../shared/page_address';
import '../shared/styles/index.css';
import { PlayerSurface } from '../watch/player_surface';
import { useWatchInfo } from '../watch/use_watch_info';
import './embed.css';

const kEventId = eventIdOf(window.location.pathname);
const kToken = readToken(`footlight.watch.${kEventId}`);
const kOverride = new URLSearchParams(window.location.search).get('transport');

/** The player and nothing else, for a frame on somebody's own page. */
function EmbedPage() {
  const { info, message, final } = useWatchInfo(kEventId, kToken);
  if (!info) {
    return (
      <FullMessage title={final ? 'This did not open' : 'One moment…'} waiting={!message} lamp>
        {message && <p>{message}</p>}
      </FullMessage>
    );
  }
  return (
    <main class="embed">
      <PlayerSurface info={info} token={kToken} override={kOverride} />
    </main>
  );
}

render(<EmbedPage />, document.getElementById('app')!);
