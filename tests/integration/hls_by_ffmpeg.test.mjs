import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Footlight, scratch, until } from '../harness/footlight.mjs';
import { tool } from '../harness/tool.mjs';

test('ffmpeg plays the demo for 30 s without an error; every segment starts with an IDR and no timestamp is missing', async () => {
  const footlight = await Footlight.start({ demo: true });
  try {
    const { body: event } = await footlight.api('GET', '/api/v1/events/demo');
    await until('a playlist', async () => (await fetch(event.playback.hls_url)).status === 200);
    const at = Date.now();
    const play = await tool('ffmpeg', ['-v', 'error', '-i', event.playback.hls_url, '-t', '30', '-f', 'null', '-'], 90_000);
    assert.equal(play.code, 0, play.stderr);
    assert.equal(play.stderr.trim(), '');
    console.log(`figure: ffmpeg took ${((Date.now() - at) / 1000).toFixed(1)} s for 30 s of programme`);

    const master = await (await fetch(event.playback.hls_url)).text();
    const mediaUrl = new URL(master.split('\n').find((l) => l && !l.startsWith('#')), event.playback.hls_url).href;
    const playlist = await (await fetch(mediaUrl)).text();
    const bytes = async (uri) => Buffer.from(await (await fetch(new URL(uri, mediaUrl))).arrayBuffer());
    const init = await bytes(playlist.match(/#EXT-X-MAP:URI="([^"]+)"/)[1]);
    // A segment's URI is the line after its tags; EXT-X-GAP among them says that there is no media.
    const segments = [...playlist.matchAll(/((?:^#.*\n)*)^([^#\n].*)$/gm)].filter(([, tags]) => !tags.includes('#EXT-X-GAP')).map(([, , uri]) => uri);
    const file = path.join(scratch('probe'), 'segment.mp4');
    assert.ok(segments.length >= 10, `only ${segments.length} segments`);
    let previous = { video: null, audio: null };
    for (const segment of segments) {
      writeFileSync(file, Buffer.concat([init, await bytes(segment)]));
      const probe = await tool('ffprobe', ['-v', 'error', '-show_entries', 'packet=stream_index,pts_time,duration_time,flags:stream=index,codec_type', '-of', 'json', file], 20_000);
      assert.equal(probe.stderr.trim(), '');
      const { packets, streams } = JSON.parse(probe.stdout);
      for (const kind of ['video', 'audio']) {
        const index = streams.find((s) => s.codec_type === kind).index;
        const mine = packets.filter((p) => p.stream_index === index).map((p) => ({ at: Number(p.pts_time), long: Number(p.duration_time), key: p.flags.includes('K') }));
        if (kind === 'video') assert.ok(mine[0].key, `${segment} does not start with an IDR`);
        for (const packet of mine) {
          if (previous[kind] !== null) assert.ok(Math.abs(packet.at - previous[kind]) < 0.002, `${kind} at ${packet.at}, expected ${previous[kind]} in ${segment}`);
          previous[kind] = packet.at + packet.long;
        }
      }
    }
  } finally {
    await footlight.stop();
  }
});
