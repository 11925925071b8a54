import { afterEach, expect, it, vi } from 'vitest';
import { RtcSession } from './signalling';

/** As much of a browser's connection as a session asks for. */
class FakePeer extends EventTarget {
  connectionState = 'connected';
  iceGatheringState = 'complete';
  localDescription = { sdp: 'v=0' };
  readonly transport = Object.assign(new EventTarget(), { state: 'connected' });
  getReceivers() {
    return [{ transport: this.transport }];
  }
  async setLocalDescription() {}
  async setRemoteDescription() {}
  close() {}
}

afterEach(() => vi.unstubAllGlobals());

it('calls a session failed whose DTLS the server has closed, though the connection still says connected', async () => {
  vi.stubGlobal('fetch', async () => new Response('v=0', { status: 201, headers: { location: 'http://server/whep/event/session' } }));
  const peer = new FakePeer();
  const session = await RtcSession.open(peer as unknown as RTCPeerConnection, { url: 'http://server/whep/event', token: null, signal: new AbortController().signal });
  const told: string[] = [];
  session.onHealth((health) => told.push(health));
  peer.transport.state = 'closed';
  peer.transport.dispatchEvent(new Event('statechange'));
  expect(told).toEqual(['connected', 'failed']);
});
