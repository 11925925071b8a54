import { Failure, failureOf } from '../failure';
import type { Health, Session } from './resilient_connection';

export interface SignallingOptions {
  /** Where offers go: `/whip/{event}` or `/whep/{event}`. */
  url: string;
  token: string | null;
  signal: AbortSignal;
}

/** Host candidates are there in a few ms; who waits longer for STUN or TURN is found by the checks it sends (ICE-lite). */
const kGatheringLimitMs = 200;

/** A peer connection and the resource it has on the server (RFC 9725 §4.2; WHEP has the same form). */
export class RtcSession implements Session {
  private constructor(
    readonly peer: RTCPeerConnection,
    /** The session's URL: `source.taken_over` names its last step. */
    readonly location: string,
    private readonly token: string | null,
  ) {}

  /** Offers what `peer` has by now, posts it and takes the answer. Closes `peer` when anything fails. */
  static async open(peer: RTCPeerConnection, options: SignallingOptions): Promise<RtcSession> {
    const closePeer = () => peer.close();
    options.signal.addEventListener('abort', closePeer);
    try {
      await peer.setLocalDescription();
      await gather(peer, options.signal);
      const answer = await post(peer.localDescription?.sdp ?? '', options);
      const session = new RtcSession(peer, answer.location, options.token);
      if (options.signal.aborted) {
        session.close();
        throw new Failure(0, 'aborted');
      }
      await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
      return session;
    } catch (error) {
      peer.close();
      throw error instanceof Failure ? error : new Failure(0, String(error));
    } finally {
      options.signal.removeEventListener('abort', closePeer);
    }
  }

  onHealth(listener: (health: Health) => void): void {
    // A server that ends a viewer's session closes DTLS, of which the connection's own state says nothing in Chromium. A
    // presenter's page waits for the word of the event's stream: the one who took over must not be taken over again.
    const dtls = this.peer.getTransceivers().find((t) => t.direction === 'recvonly')?.receiver.transport;
    const tell = () => {
      const state = this.peer.connectionState;
      listener(state === 'new' ? 'connecting' : state === 'closed' || dtls?.state === 'closed' ? 'failed' : state);
    };
    this.peer.addEventListener('connectionstatechange', tell);
    dtls?.addEventListener('statechange', tell);
    tell();
  }

  close(): void {
    this.peer.close();
    if (!this.location) return;
    // keepalive: the goodbye must leave even while the page is closing.
    fetch(this.location, { method: 'DELETE', headers: authorization(this.token), keepalive: true }).catch(() => undefined);
  }
}

async function post(offer: string, options: SignallingOptions): Promise<{ sdp: string; location: string }> {
  let response: Response;
  try {
    response = await fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', accept: 'application/sdp', ...authorization(options.token) },
      body: offer,
      signal: options.signal,
    });
  } catch {
    throw new Failure(0, '');
  }
  if (response.status !== 201) throw await failureOf(response);
  const location = response.headers.get('location');
  return { sdp: await response.text(), location: location ? new URL(location, response.url).href : '' };
}

function authorization(token: string | null): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {};
}

function gather(peer: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const check = () => peer.iceGatheringState === 'complete' && done();
    const done = () => {
      clearTimeout(timer);
      peer.removeEventListener('icegatheringstatechange', check);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, kGatheringLimitMs);
    peer.addEventListener('icegatheringstatechange', check);
    signal.addEventListener('abort', done);
  });
}
