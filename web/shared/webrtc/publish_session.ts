import { RtcSession } from './signalling';

export interface PublishOptions {
  url: string;
  token: string | null;
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  /** Codec to put first: H.264 needs no decode-side surprise anywhere; `?codec=vp8` turns it round. */
  codec: 'h264' | 'vp8';
  /** What to give up first when the network is narrow. */
  prefer: 'maintain-framerate' | 'maintain-resolution' | 'balanced';
  signal: AbortSignal;
}

/** As much as 720p30 of a camera is worth; what the network bears is the estimator's to say. */
const kMaxVideoBitrate = 2_500_000;
/** Speech and music in stereo without audible loss (RFC 7587 §3.1.1 names 64 to 128 kbit/s for full-band stereo music). */
const kMaxAudioBitrate = 96_000;

/** Publishes one microphone and one camera (or screen) by WHIP. */
export async function openPublishSession(options: PublishOptions): Promise<RtcSession> {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const streams = [new MediaStream()]; // one name for both, so that receivers keep lips and voice together
  // Both lines always: a camera switched on later needs no new offer.
  peer.addTransceiver(options.audio ?? 'audio', {
    direction: 'sendonly',
    streams,
    sendEncodings: [{ maxBitrate: kMaxAudioBitrate, priority: 'high', networkPriority: 'high' }],
  });
  const video = peer.addTransceiver(options.video ?? 'video', {
    direction: 'sendonly',
    streams,
    sendEncodings: [{ maxBitrate: kMaxVideoBitrate }],
  });
  orderCodecs(video, options.codec);
  await degradeBy(video.sender, options.prefer);
  return RtcSession.open(peer, options);
}

/** Puts the wished codec first and keeps the other of the two, RTX and FEC where they are. */
export function sortCodecs<T extends { mimeType: string; sdpFmtpLine?: string }>(codecs: T[], first: 'h264' | 'vp8'): T[] {
  const rank = (codec: T) => {
    const name = codec.mimeType.toLowerCase();
    if (name === `video/${first}`) return codec.sdpFmtpLine?.includes('packetization-mode=0') ? 1 : 0;
    if (name === 'video/h264' || name === 'video/vp8') return 2;
    return 3;
  };
  return codecs
    .filter((codec) => !/video\/(vp9|av1|h265)$/i.test(codec.mimeType))
    .map((codec, index) => ({ codec, index }))
    .sort((a, b) => rank(a.codec) - rank(b.codec) || a.index - b.index)
    .map(({ codec }) => codec);
}

function orderCodecs(transceiver: RTCRtpTransceiver, first: 'h264' | 'vp8'): void {
  const capabilities = RTCRtpSender.getCapabilities?.('video');
  if (!capabilities || !('setCodecPreferences' in transceiver)) return;
  transceiver.setCodecPreferences(sortCodecs(capabilities.codecs, first));
}

async function degradeBy(sender: RTCRtpSender, prefer: PublishOptions['prefer']): Promise<void> {
  try {
    const parameters = sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string };
    parameters.degradationPreference = prefer;
    await sender.setParameters(parameters);
  } catch {
    // A browser that does not know the wish keeps its own.
  }
}
