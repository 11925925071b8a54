// RTMP from outside: ffmpeg publishes, and the programme shows it; what may not publish is told why.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Footlight, scratch, sleep, until } from '../harness/footlight.mjs';
import { tool } from '../harness/tool.mjs';

const canvas = { width: 320, height: 180, fps: 25 };
let footlight;
before(async () => { footlight = await Footlight.start(); });
after(() => footlight?.stop());

const encoders = new Set();  // a test that died leaves none behind
process.on('exit', () => encoders.forEach((child) => child.kill('SIGKILL')));

// A moving picture and a tone of 1 kHz.
const content = (rate) => ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', `sine=frequency=1000:sample_rate=${rate}`];
const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-b:v', '400k', '-bf', '0', '-c:a', 'aac', '-ac', '2', '-b:a', '96k'];

// ffmpeg as an encoder; of `file`, if there is one, which it copies.
class Encoder {
  constructor(url, key, { rate = 48_000, video = [], file } = {}) {
    this.said = '';
    this.child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'warning', '-re', ...(file ? ['-i', file, '-c', 'copy'] : [...content(rate), ...coding, ...video]), '-f', 'flv', `${url}/${key}`]);
    this.child.stderr.on('data', (d) => (this.said += d));
    this.exited = new Promise((resolve) => this.child.on('exit', (code) => resolve(code)));
    encoders.add(this.child);
    this.child.on('exit', () => encoders.delete(this.child));
  }
  async stop() {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

async function liveEvent(title) {
  const event = await footlight.createEvent({ title, canvas, record: false });
  const { status, text } = await footlight.api('POST', `/api/v1/events/${event.id}/go-live`);
  assert.equal(status, 200, text);
  return event;
}

const sources = async (event) => (await footlight.api('GET', `/api/v1/events/${event.id}/sources`)).body.items;
const connected = (event) => until('a connected RTMP source', async () => (await sources(event)).find((s) => s.kind === 'rtmp' && s.state === 'connected'));

// Two seconds of the programme: does the picture move, and what is heard?
async function programme(event) {
  await until('a playlist', async () => (await fetch(event.playback.hls_url)).status === 200);
  const file = path.join(scratch('rtmp'), 'programme.mkv');
  const got = await tool('ffmpeg', ['-v', 'error', '-y', '-i', event.playback.hls_url, '-t', '3', '-c', 'copy', file]);
  assert.equal(got.code, 0, got.stderr);
  const hashes = await tool('ffmpeg', ['-v', 'error', '-i', file, '-map', '0:v', '-vf', 'fps=5', '-f', 'framemd5', '-']);
  const pictures = hashes.stdout.split('\n').filter((l) => l && !l.startsWith('#')).map((l) => l.split(',').at(-1).trim());
  const level = async (filter) => {
    const { stderr } = await tool('ffmpeg', ['-hide_banner', '-i', file, '-map', '0:a', '-af', `${filter},volumedetect`, '-f', 'null', '-']);
    return Number(stderr.match(/mean_volume: (-?[\d.]+|-inf) dB/)?.[1] ?? -99);
  };
  return { moving: new Set(pictures).size, pictures: pictures.length, tone: await level('bandpass=f=1000:width_type=h:w=100'), rest: await level('bandreject=f=1000:width_type=h:w=400') };
}

// A transport stream's sound has no configuration of its own: libavformat says so first, with an empty one.
async function transportStream() {
  const file = path.join(scratch('rtmp'), 'recorded.ts');
  const made = await tool('ffmpeg', ['-v', 'error', '-y', ...content(48_000), '-t', '30', ...coding, '-f', 'mpegts', file]);
  assert.equal(made.code, 0, made.stderr);
  return file;
}

for (const [name, options] of [
  ['without B-frames, at 48 kHz', {}],
  ['copied from a transport stream', { file: transportStream }],
  ['with B-frames, at 44.1 kHz', { rate: 44_100, video: ['-bf', '2', '-x264-params', 'b-adapt=0'] }],
]) {
  test(`ffmpeg publishes H.264 and AAC ${name}, and the programme shows and plays it`, async () => {
    const file = await options.file?.();  // first: a programme that has run for long is read from before its source came
    const event = await liveEvent(name);
    assert.match(event.ingest.rtmp_url, /^rtmp:\/\/127\.0\.0\.1:\d+\/live$/);
    const encoder = new Encoder(event.ingest.rtmp_url, event.ingest.stream_key, { ...options, file });
    try {
      const source = await connected(event);
      assert.equal(source.on_stage, true, 'an RTMP feed takes the empty stage');
      assert.equal(source.transport, 'rtmp');
      await sleep(2500);
      const { moving, pictures, tone, rest } = await programme(event);
      console.log(`figure: RTMP ${name}: ${moving} of ${pictures} pictures differ, tone ${tone} dB, beside it ${rest} dB`);
      assert.ok(moving > pictures / 2, `${moving} of ${pictures} pictures differ`);
      assert.ok(tone > -30, `the tone is at ${tone} dB`);
      assert.ok(rest < tone - 15, `beside the tone is ${rest} dB`);
    } finally {
      await encoder.stop();
    }
    await until('the source is not connected', async () => (await sources(event))[0].state !== 'connected');
  });
}

test('an encoder that vanishes is lost and one that says goodbye is idle', async () => {
  const event = await liveEvent('goodbyes');
  const ends = async (signal, state) => {
    const encoder = new Encoder(event.ingest.rtmp_url, `${event.ingest.stream_key}?from=studio`);
    await connected(event);
    encoder.child.kill(signal);
    await encoder.exited;
    await until(`a source that is ${state}`, async () => (await sources(event))[0].state === state, { timeout: 5000 });
  };
  await ends('SIGKILL', 'lost');
  await ends('SIGINT', 'idle');
});

test('a second publisher with the key takes over, and the first is told', async () => {
  const event = await liveEvent('takeover');
  const first = new Encoder(event.ingest.rtmp_url, event.ingest.stream_key);
  const source = await connected(event);
  const second = new Encoder(event.ingest.rtmp_url, event.ingest.stream_key);
  try {
    assert.notEqual(await Promise.race([first.exited, sleep(10_000).then(() => 'still there')]), 'still there');
    await sleep(500);
    const now = await sources(event);
    assert.equal(now.length, 1);
    assert.equal(now[0].id, source.id);
    assert.equal(now[0].state, 'connected');
    assert.equal(second.child.exitCode, null, second.said);
  } finally {
    await second.stop();
    await first.stop();
  }
});

test('a rotated key cuts the publisher within a second, and only the new key publishes', async () => {
  const event = await liveEvent('rotate');
  const encoder = new Encoder(event.ingest.rtmp_url, event.ingest.stream_key);
  await connected(event);
  const at = Date.now();
  const { body } = await footlight.api('POST', `/api/v1/events/${event.id}/stream-key/rotate`, {});
  await encoder.exited;
  console.log(`figure: an RTMP publisher was cut ${Date.now() - at} ms after its key was rotated`);
  assert.ok(Date.now() - at < 3000, 'the encoder ended');
  const old = await new Encoder(event.ingest.rtmp_url, event.ingest.stream_key).exited;
  assert.notEqual(old, 0);
  const fresh = new Encoder(event.ingest.rtmp_url, body.stream_key);
  try {
    await connected(event);
  } finally {
    await fresh.stop();
  }
});

test('a wrong key, another application and an ended event are refused with a sentence', async () => {
  const event = await liveEvent('refusals');
  const wrong = new Encoder(event.ingest.rtmp_url, 'sk_wrong');
  assert.notEqual(await wrong.exited, 0);
  assert.match(wrong.said, /stream key is not valid/i);
  const elsewhere = new Encoder(event.ingest.rtmp_url.replace(/live$/, 'vod'), event.ingest.stream_key);
  assert.notEqual(await elsewhere.exited, 0);
  await footlight.api('POST', `/api/v1/events/${event.id}/end`);
  await sleep(500);
  const late = new Encoder(event.ingest.rtmp_url, event.ingest.stream_key);
  assert.notEqual(await late.exited, 0);
  assert.ok(!footlight.log.includes(event.ingest.stream_key), 'no key in the log');
});

// What ffmpeg 5.1 cannot send: Enhanced RTMP's HEVC, by hand.
const short = (text) => Buffer.concat([Buffer.from([2, text.length >> 8, text.length & 255]), Buffer.from(text)]);
const number = (value) => { const b = Buffer.alloc(9); b.writeDoubleBE(value, 1); return b; };
const name = (text) => short(text).subarray(1);
function message(stream, type, payload) {
  const head = Buffer.from([stream, 0, 0, 0, payload.length >> 16, (payload.length >> 8) & 255, payload.length & 255, type, 1, 0, 0, 0]);
  const parts = [head];
  for (let at = 0; at < payload.length; at += 128) parts.push(...(at ? [Buffer.from([0xc0 | stream])] : []), payload.subarray(at, at + 128));
  return Buffer.concat(parts);
}

test('an enhanced codec is refused by its name', async () => {
  const event = await liveEvent('hevc');
  const { hostname, port } = new URL(event.ingest.rtmp_url.replace('rtmp:', 'http:'));
  const socket = connect(Number(port), hostname);
  let said = Buffer.alloc(0);
  socket.on('data', (d) => (said = Buffer.concat([said, d])));
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536),
    message(3, 20, Buffer.concat([short('connect'), number(1), Buffer.from([3]), name('app'), short('live'), Buffer.from([0, 0, 9])])),
    message(3, 20, Buffer.concat([short('publish'), number(2), Buffer.from([5]), short(event.ingest.stream_key), short('live')])),
    message(4, 9, Buffer.concat([Buffer.from([0x90]), Buffer.from('hvc1'), Buffer.alloc(20)]))]));
  await closed;
  const text = said.toString('latin1');
  assert.match(text, /NetStream\.Publish\.Rejected/);
  assert.match(text, /HEVC \(hvc1\)/);
});

test('garbage on the RTMP port harms nobody', async () => {
  const event = await liveEvent('garbage');
  const { hostname, port } = new URL(event.ingest.rtmp_url.replace('rtmp:', 'http:'));
  const encoder = new Encoder(event.ingest.rtmp_url, event.ingest.stream_key);
  try {
    await connected(event);
    const relay = footlight.pid('relay');
    const ends = async () => {
      const { text } = await footlight.api('GET', '/metrics');
      const reasons = [...text.matchAll(/^footlight_relay_rtmp_ended_connections_total\{[^}]*\breason="(\w+)"[^}]*\} (\d+)$/gm)];
      return { all: reasons.reduce((sum, m) => sum + Number(m[2]), 0), ...Object.fromEntries(reasons.map((m) => [m[1], Number(m[2])])) };
    };
    const before = await ends();
    for (let i = 0; i < 100; ++i) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      const bytes = Buffer.alloc(4000, i);
      if (i % 2) bytes[0] = 3;
      for (let at = 3074; i % 2 && at < 4000; ++at) bytes[at] = (at * 2654435761 + i * 97) >>> 7;
      socket.write(bytes);
      setTimeout(() => socket.destroy(), 400);
    }
    await until('each connection to be counted with why it ended', async () => {
      const now = await ends();
      return now.all - before.all >= 100 && now.bad_handshake > before.bad_handshake;
    }, { timeout: 10_000, every: 250 });
    assert.equal(footlight.pid('relay'), relay);
    assert.equal((await sources(event))[0].state, 'connected');
    assert.equal(encoder.child.exitCode, null, encoder.said);
  } finally {
    await encoder.stop();
  }
});
