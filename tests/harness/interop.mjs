// What the interop tests share: events, peers' pages and scripts, what they receive, and the relay's own word.
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from './browser.mjs';
import { sleep, until } from './footlight.mjs';
import { webrtcPeer } from './webrtc_page.mjs';

const scripts = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../interop');

// An event in rehearsal (the programme runs, nothing is on air), with a producer's token.
export async function rehearse(footlight, title) {
  const event = await footlight.createEvent({ title, canvas: { width: 640, height: 360, fps: 30 }, record: false });
  const { token } = await footlight.token(event.id, 'producer');
  const { status, text } = await footlight.api('POST', `/api/v1/events/${event.id}/rehearse`);
  if (status !== 200) throw new Error(`rehearse: ${status} ${text}`);
  const whip = (source) => ({ url: `${event.ingest.whip_url}?source=${source}`, token: event.ingest.stream_key });
  const sources = async () => (await footlight.api('GET', `/api/v1/events/${event.id}/sources`)).body.items;
  const connected = (name) => until(`${name} to be connected`, async () => (await sources()).find((s) => s.name === name && s.state === 'connected'));
  return {
    ...event, producer: token, whip, sources, connected, programme: { url: event.playback.whep_url, token },
    whep: (source) => ({ url: `${event.playback.whep_url}?source=${source.id}`, token }),
    end: () => footlight.api('POST', `/api/v1/events/${event.id}/end`),
  };
}

// What a role said last of itself (control.sock): the relay's sessions with their tracks and layers.
export function observed(footlight, role = 'relay/local') {
  return new Promise((resolve, reject) => {
    request({ socketPath: path.join(footlight.data, 'run/control.sock'), path: `/observed/${role}` }, (response) => {
      let text = '';
      response.on('data', (d) => (text += d));
      response.on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(`${response.statusCode} ${text}`))));
    }).on('error', reject).end();
  });
}

// A scripted peer of tests/interop (Debian's Python, or node): last() is what it said last. It is stopped by stop().
export function scripted(script, words) {
  const child = spawn(script.endsWith('.py') ? '/usr/bin/python3' : process.execPath, [path.join(scripts, script), ...words.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let rest = '', faults = '', last = null, ended = null;
  child.stderr.on('data', (d) => (faults += d));
  child.stdout.on('data', (d) => {
    const lines = (rest + d).split('\n');
    rest = lines.pop();
    if (lines.length) last = JSON.parse(lines.at(-1));
  });
  child.on('exit', (code, signal) => (ended = { code, signal }));
  return {
    last: () => {
      if (ended?.code) throw new Error(`${script} ended with ${ended.code}: ${faults.slice(-1500)}`);
      return last;
    },
    stop: () => child.kill('SIGTERM'),
  };
}

// Chromium's or Firefox's numbers of the picture that it receives.
export async function received(page) {
  const rows = await page.evaluate(() => window.peer.stats());
  const row = rows.find((s) => s.type === 'inbound-rtp' && s.kind === 'video') ?? {};
  return { ...row, codec: rows.find((s) => s.id === row.codecId)?.mimeType };
}

// It sounds: energy is received over two seconds and hardly any of it is made up. Gives the mean bytes of a packet.
export async function sounds(page) {
  const look = async () => (await page.evaluate(() => window.peer.stats())).find((s) => s.type === 'inbound-rtp' && s.kind === 'audio') ?? {};
  await until('sound', async () => (await look()).totalAudioEnergy > 0, { timeout: 10_000, every: 100 });
  const before = await look();
  await sleep(2000);
  const after = await look();
  const samples = after.totalSamplesReceived - before.totalSamplesReceived, concealed = after.concealedSamples - before.concealedSamples;
  if (!(after.totalAudioEnergy > before.totalAudioEnergy) || concealed > samples * 0.2) throw new Error(`${concealed} of ${samples} samples were made up: ${JSON.stringify(after)}`);
  return (after.bytesReceived - before.bytesReceived) / (after.packetsReceived - before.packetsReceived);
}

export async function sent(page) {
  const rows = await page.evaluate(() => window.peer.stats());
  return rows.filter((s) => s.type === 'outbound-rtp' && s.kind === 'video');
}

// A page at `site` that speaks WHIP and WHEP; `init` is publishClock or readClock.
export async function peerPage(browser, site, init, argument) {
  const page = await open(browser, { init, argument });
  await page.goto(site.url);
  await page.evaluate(webrtcPeer);
  return page;
}

// The picture moves: frames are decoded at a rate, over two seconds.
export async function moves(page, { least = 20 } = {}) {
  await until('a decoded picture', async () => (await received(page)).framesDecoded > 5, { timeout: 12_000, every: 100 });
  const before = await received(page);
  await sleep(2000);
  const after = await received(page);
  const frames = after.framesDecoded - before.framesDecoded;
  if (frames < least * 2 * 0.7) throw new Error(`${frames} frames were decoded in 2 s: ${JSON.stringify(after)}`);
  return after;
}
