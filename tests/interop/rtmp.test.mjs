// ffmpeg publishes by RTMP as OBS does: it becomes an ordinary source, seen in a browser by WHEP and in the programme.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { until } from '../harness/footlight.mjs';
import { moves, observed, peerPage, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage();

function publish(url) {
  const child = spawn('ffmpeg', ['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30', '-f', 'lavfi', '-i', 'sine=frequency=997:sample_rate=48000', '-c:v', 'libx264',
    '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-profile:v', 'main', '-bf', '0', '-g', '30', '-b:v', '800k', '-c:a', 'aac', '-ac', '2', '-b:a', '96k', '-f', 'flv', url], { stdio: ['ignore', 'ignore', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  let faults = '';
  child.stderr.on('data', (d) => (faults += d));
  return { faults: () => faults, stop: () => child.kill('SIGKILL') };
}

test('ffmpeg publishes H.264 and AAC by RTMP; Chromium plays the source and the programme', { timeout: 60_000 }, async () => {
  const event = await rehearse(at.footlight, 'RTMP');
  const encoder = publish(`${event.ingest.rtmp_url}/${event.ingest.stream_key}`);
  const source = await peerPage(at.near, at.site), programme = await peerPage(at.near, at.site);
  try {
    const feed = await until('the source', async () => (await event.sources()).find((s) => s.kind === 'rtmp' && s.state === 'connected'), { timeout: 10_000 }).catch((e) => { throw new Error(`${e.message} ${encoder.faults()}`); });
    await source.evaluate((o) => window.peer.play(o), event.whep(feed));
    assert.equal((await moves(source)).codec, 'video/H264');
    await programme.evaluate((o) => window.peer.play(o), event.programme);
    await moves(programme);
    const session = (await observed(at.footlight)).sessions.find((s) => s.stream === feed.id && s.kind === 'publish');
    assert.equal(session.transport, 'rtmp');
    assert.deepEqual(session.media.map((t) => t.codec).sort(), ['aac', 'h264']);
  } finally {
    encoder.stop();
    await source.context().close();
    await programme.context().close();
    await event.end();
  }
});
