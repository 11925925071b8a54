import { render } from 'preact';
import { FullMessage } from '../shared/components/full_message';
import { Masthead } from '../shared/components/masthead';
import { eventIdOf, readToken } from '../shared/page_address';
import '../shared/styles/index.css';
import { Room } from './room';
import { RoomPage } from './room_page';

const kEventId = eventIdOf(window.location.pathname);
const kToken = readToken(`footlight.control-room.${kEventId}`);

const root = document.getElementById('app')!;
if (kToken === null || kEventId === '') {
  render(
    <>
      <Masthead />
      <FullMessage title="This page needs the producer's link">
        <p>Open the control room with its whole link: the part after the # is your key. It stands on the event's card at home.</p>
      </FullMessage>
    </>,
    root,
  );
} else {
  const room = new Room(kEventId, kToken);
  room.start();
  render(<RoomPage room={room} token={kToken} />, root);
}
