import { afterEach, expect, it, vi } from 'vitest';
import { RtcSession } from './signalling';

/** As much of a browser's connection as a session asks for. */
class FakePeer extends EventTarget {
  connectionState = 'connected';
  iceGatheringState = 'complete';
  localDescription = { sdp: 'v=0' };
  readonly transport = Object.assign(new EventTarget(), { state: 'connected' });
  constructor(readonly direction: RTCRtpTransceiverDirection) {
    super();
  }
  getTransceivers() {
    return [{ direction: this.direction, receiver: { transport: this.transport } }];
  }
  async setLocalDescription() {}
  async setRemoteDescription() {}
  close() {}
}

afterEach(() => vi.unstubAllGlobals());

async function toldWhenTheServerCloses(direction: RTCRtpTransceiverDirection): Promise<string[]> {
  vi.stubGlobal('fetch', async (url: string) =>
    Object.defineProperty(new Response('v=0', { status: 201, headers: { location: '/whep/event/session' } }), 'url', { value: url }),
  );
  const peer = new FakePeer(direction);
  const session = await RtcSession.open(peer as unknown as RTCPeerConnection, { url: 'http://server/whep/event', token: null, signal: new AbortController().signal });
  const told: string[] = [];
  session.onHealth((health) => told.push(health));
  peer.transport.state = 'closed';
  peer.transport.dispatchEvent(new Event('statechange'));
  return told;
}

it('calls a viewer failed whose DTLS the server has closed, though the connection still says connected', async () => {
  expect(await toldWhenTheServerCloses('recvonly')).toEqual(['connected', 'failed']);
});

it('leaves a presenter whose session the server has ended to the word of the event, or it would take over again', async () => {
  expect(await toldWhenTheServerCloses('sendonly')).toEqual(['connected']);
});
