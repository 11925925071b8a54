// WHIP and WHEP by libwebrtc outside a browser (npm @roamhq/wrtc): `libwebrtc_peer.mjs publish|play URL TOKEN TRACKS SECONDS [EVERY_MS]`.
// TRACKS is a comma list of opus, vp8, vp9, av1. Prints a JSON object a second (or each EVERY_MS): {"state", "pictures", "width", "height", "sounds"}.
import wrtc from '@roamhq/wrtc';
import { sleep, until } from '../harness/footlight.mjs';

const { RTCPeerConnection, nonstandard: { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } } = wrtc;
const width = 640, height = 360;

// A grey picture (I420) with a white bar whose place tells its number.
function picture(number) {
  const data = new Uint8ClampedArray((width * height * 3) / 2).fill(128);
  const left = (number * 8) % (width - 40);
  for (let y = 0; y < height; ++y) data.fill(235, y * width + left, y * width + left + 40);
  return { width, height, data };
}

function tone(start) {
  const samples = Int16Array.from({ length: 480 }, (_, i) => 8000 * Math.sin((2 * Math.PI * 997 * (start + i)) / 48000));
  return { samples, sampleRate: 48000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 };
}

// What is given at `rate` a second; one that was late is made up for, so that sound has no holes.
function pace(rate, give) {
  const startedAt = Date.now();
  let given = 0;
  setInterval(() => { while (given < ((Date.now() - startedAt) * rate) / 1000) give(given++); }, 5);
}

function generated(codec) {
  if (codec === 'opus') {
    const source = new RTCAudioSource();
    pace(100, (i) => source.onData(tone(i * 480)));
    return source.createTrack();
  }
  const source = new RTCVideoSource();
  pace(30, (i) => source.onFrame(picture(i)));
  return source.createTrack();
}

// setCodecPreferences does not exist here: the codec's payload types go first in the m= line instead.
function prefer(sdp, codec) {
  const types = [...sdp.matchAll(/a=rtpmap:(\d+) (\w+)\//g)].filter(([, , name]) => name.toLowerCase() === codec).map(([, type]) => type);
  if (!types.length) throw new Error(`the offer has no ${codec}`);
  return sdp.replace(/^(m=video \d+ \S+ )(.*)$/m, (_, head, all) => head + [...types, ...all.trim().split(' ').filter((t) => !types.includes(t))].join(' '));
}

const [action, url, token, tracks, seconds, every = '1000'] = process.argv.slice(2);
process.on('SIGTERM', () => process.exit(0));
const codecs = tracks.split(',');
const pc = new RTCPeerConnection();
const seen = { state: 'new', pictures: 0, width: 0, height: 0, sounds: 0 };
let before = Buffer.alloc(0);
// Counts the pictures that differ from the one before in their middle line.
const onFrame = ({ frame: { data, width: w, height: h } }) => {
  const line = Buffer.from(data.slice((h >> 1) * w, (h >> 1) * w + w));
  Object.assign(seen, { pictures: seen.pictures + !line.equals(before), width: w, height: h });
  before = line;
};
pc.ontrack = ({ track }) => {
  if (track.kind === 'video') new RTCVideoSink(track).onframe = onFrame;
  else new RTCAudioSink(track).ondata = ({ samples }) => (seen.sounds += samples.some((s) => Math.abs(s) > 1000));
};
for (const codec of codecs) pc.addTransceiver(action === 'publish' ? generated(codec) : codec === 'opus' ? 'audio' : 'video', { direction: action === 'publish' ? 'sendonly' : 'recvonly' });
await pc.setLocalDescription(await pc.createOffer());
await until('the candidates', () => pc.iceGatheringState === 'complete');
const video = codecs.find((c) => c !== 'opus');
const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp', ...(token ? { authorization: `Bearer ${token}` } : {}) }, body: video ? prefer(pc.localDescription.sdp, video) : pc.localDescription.sdp });
const answer = await response.text();
if (response.status !== 201) throw new Error(`${url}: ${response.status} ${answer}`);
await pc.setRemoteDescription({ type: 'answer', sdp: answer });
for (let i = 0; i * Number(every) < Number(seconds) * 1000; ++i) {
  await sleep(Number(every));
  console.log(JSON.stringify({ ...seen, state: pc.connectionState }));
}
process.exit(0);
