// WHIP and WHEP by libdatachannel (npm node-datachannel): a scripted peer that carries RTP packets as they are.
import native from 'node-datachannel';
import { randomInt } from 'node:crypto';
import { until } from './footlight.mjs';

native.initLogger('Error', () => {});
// Its threads keep the process alive until this is called.
export const endNative = () => native.cleanup();

export const payloadTypes = { opus: 111, h264: 96, vp8: 97, vp9: 98, av1: 99 };

export function describe(mid, direction, codec, ssrc) {
  const media = codec === 'opus' ? new native.Audio(mid, direction) : new native.Video(mid, direction);
  const type = payloadTypes[codec];
  if (codec === 'opus') media.addOpusCodec(type);
  else if (codec === 'h264') media.addH264Codec(type, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
  else media[{ vp8: 'addVP8Codec', vp9: 'addVP9Codec', av1: 'addAV1Codec' }[codec]](type);
  if (ssrc) media.addSSRC(ssrc, 'footlight-test', 'stream', mid);
  return media;
}

export class NativePeer {
  // codecs: one track each, such as ['opus', 'vp8']
  constructor({ codecs, direction, bindAddress }) {
    this.pc = new native.PeerConnection('peer', { iceServers: [], disableAutoNegotiation: true, ...(bindAddress ? { bindAddress } : {}) });
    this.tracks = codecs.map((codec, i) => {
      const ssrc = direction === 'SendOnly' ? randomInt(1, 2 ** 31) : 0;
      const track = this.pc.addTrack(describe(String(i), direction, codec, ssrc));
      track.setMediaHandler(direction === 'SendOnly' ? new native.RtcpNackResponder() : new native.RtcpReceivingSession());
      return { codec, ssrc, track, payloadType: payloadTypes[codec] };
    });
  }

  async offer() {
    this.pc.setLocalDescription('offer');
    await until('the candidates', () => this.pc.gatheringState() === 'complete');
    return this.pc.localDescription().sdp;
  }

  async connect({ url, token }) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp', ...(token ? { authorization: `Bearer ${token}` } : {}) }, body: await this.offer() });
    this.answer = await response.text();
    if (response.status !== 201) throw new Error(`${url}: ${response.status} ${this.answer}`);
    this.location = new URL(response.headers.get('location'), url).href;
    this.token = token;
    this.pc.setRemoteDescription(this.answer, 'answer');
    await until('a connection', () => this.pc.state() === 'connected' && this.tracks.every((t) => t.track.isOpen()), { timeout: 10_000 });
  }

  async close() {
    this.pc.close();
    await until('the peer to close', () => this.pc.state() === 'closed');
    if (this.location) await fetch(this.location, { method: 'DELETE', headers: this.token ? { authorization: `Bearer ${this.token}` } : {} });
  }
}
