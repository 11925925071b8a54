import { RtcSession } from './signalling';

export interface WatchOptions {
  url: string;
  token: string | null;
  signal: AbortSignal;
  onStream: (stream: MediaStream) => void;
}

/** Receives one audio and one video track by WHEP, with as little jitter buffer as the network lets it have. */
export async function openWatchSession(options: WatchOptions): Promise<RtcSession> {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const stream = new MediaStream();
  for (const kind of ['video', 'audio'] as const) {
    const { receiver } = peer.addTransceiver(kind, { direction: 'recvonly' });
    stream.addTrack(receiver.track);
    // Zero asks for the least; the browser still grows it with the jitter it measures.
    if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  }
  const session = await RtcSession.open(peer, options);
  options.onStream(stream);
  return session;
}
