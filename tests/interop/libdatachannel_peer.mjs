// WHIP and WHEP by libdatachannel (npm node-datachannel): `libdatachannel_peer.mjs publish|play URL TOKEN TRACKS SECONDS [EVERY_MS]`.
// TRACKS is a comma list of opus, h264, vp8; ffmpeg makes and judges the media. A process of its own: its threads outlive their peer.
// Prints a JSON object a second (or each EVERY_MS): {"state", "pictures", "width", "height", "sounds"}; with URL "-" it prints its SDP offer and ends.
import native from 'node-datachannel';
import { randomInt } from 'node:crypto';
import { ownAddress } from '../harness/firefox.mjs';
import { sleep, until } from '../harness/footlight.mjs';
import { decodeRtp, sendRtp } from '../harness/rtp_media.mjs';

const payloadTypes = { opus: 111, h264: 96, vp8: 97 };

function describe(mid, direction, codec, ssrc) {
  const media = codec === 'opus' ? new native.Audio(mid, direction) : new native.Video(mid, direction);
  const type = payloadTypes[codec];
  if (codec === 'opus') media.addOpusCodec(type);
  else if (codec === 'h264') media.addH264Codec(type, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
  else media.addVP8Codec(type);
  if (ssrc) media.addSSRC(ssrc, 'footlight-test', 'stream', mid);
  return media;
}

class Peer {
  constructor(codecs, direction) {
    this.pc = new native.PeerConnection('peer', { iceServers: [], disableAutoNegotiation: true, bindAddress: ownAddress() });
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

  async connect(url, token) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp', ...(token ? { authorization: `Bearer ${token}` } : {}) }, body: await this.offer() });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${url}: ${response.status} ${answer}`);
    this.pc.setRemoteDescription(answer, 'answer');
    await until('a connection', () => this.pc.state() === 'connected' && this.tracks.every((t) => t.track.isOpen()), { timeout: 10_000 });
  }
}

const [action, url, token, tracks, seconds, every = '1000'] = process.argv.slice(2);
native.initLogger('Error', () => {});
process.on('SIGTERM', () => process.exit(0));  // 'exit' ends ffmpeg
const peer = new Peer(tracks.split(','), action === 'publish' ? 'SendOnly' : 'RecvOnly');
if (url === '-') {
  console.log(await peer.offer());
  process.exit(0);
}
let decoders = [];
if (action === 'play') {
  decoders = await Promise.all(peer.tracks.map((t) => decodeRtp(t)));
  peer.tracks.forEach((t, i) => t.track.onMessage((packet) => decoders[i].packet(packet)));
}
await peer.connect(url, token);
if (action === 'publish') await Promise.all(peer.tracks.map((t) => sendRtp({ ...t, onPacket: (packet) => t.track.isOpen() && t.track.sendMessageBinary(packet) })));
const of = (audio) => decoders.find((_, i) => (peer.tracks[i].codec === 'opus') === audio);
for (let i = 0; i * Number(every) < Number(seconds) * 1000; ++i) {
  await sleep(Number(every));
  const video = of(false);
  console.log(JSON.stringify({ state: peer.pc.state(), pictures: video?.pictures() ?? 0, width: video?.width() ?? 0, height: video?.height() ?? 0, sounds: of(true)?.pictures() ?? 0 }));
}
process.exit(0);
