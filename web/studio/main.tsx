import { render } from 'preact';
import { FullMessage } from '../shared/components/full_message';
import { Masthead } from '../shared/components/masthead';
import { eventIdOf, readToken } from '../shared/page_address';
import '../shared/styles/index.css';
import { NetworkCheck } from './network_check';
import { StudioPage } from './studio_page';
import { StudioSession } from './studio_session';

const kEventId = eventIdOf(window.location.pathname);
const kToken = readToken(`footlight.studio.${kEventId}`);
const kCodec = new URLSearchParams(window.location.search).get('codec') === 'vp8' ? 'vp8' : 'h264';

function NoInvitation() {
  return (
    <>
      <Masthead />
      <FullMessage title="This page needs your invitation">
        <p>Open the studio with the whole link you were sent: the part after the # is your key. Or ask the organiser for a new one.</p>
      </FullMessage>
    </>
  );
}

const root = document.getElementById('app')!;
if (kToken === null || kEventId === '') {
  render(<NoInvitation />, root);
} else {
  const session = new StudioSession(kEventId, kToken, kCodec);
  const network = new NetworkCheck();
  session.start();
  // Leaving the page takes the source off the air at once instead of after a time-out.
  window.addEventListener('pagehide', () => session.close());
  // A page that comes back from the browser's memory has closed its session: it begins anew.
  window.addEventListener('pageshow', (event) => event.persisted && window.location.reload());
  render(<StudioPage session={session} network={network} token={kToken} />, root);
}
