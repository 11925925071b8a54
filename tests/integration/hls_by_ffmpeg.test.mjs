import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Footlight, scratch, until } from '../harness/footlight.mjs';
import { fragmentTimes } from '../harness/fragment_times.mjs';
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
    const ends = new Map();
    let skipped = 0;
    for (const segment of segments) {
      const media = await bytes(segment);
      const runs = fragmentTimes(media);
      assert.ok(runs.length >= 2, `${segment} holds ${runs.length} runs`);
      for (const { track, at, durations } of runs) {
        if (ends.has(track)) assert.equal(at, ends.get(track), `track ${track} in ${segment}`);
        ends.set(track, at + durations.reduce((sum, d) => sum + d, 0));
        // A machine that is too slow leaves pictures out: the one before lasts longer, and no time is missing.
        if (track === 1) skipped += durations.filter((d) => d > Math.min(...durations)).length;
      }
      writeFileSync(file, Buffer.concat([init, media]));
      const probe = await tool('ffprobe', ['-v', 'error', '-show_entries', 'packet=stream_index,pts,flags:stream=index,codec_type', '-of', 'json', file], 20_000);
      assert.equal(probe.stderr.trim(), '');
      const { packets, streams } = JSON.parse(probe.stdout);
      const mine = (kind) => packets.filter((p) => p.stream_index === streams.find((s) => s.codec_type === kind).index);
      assert.ok(mine('video')[0].flags.includes('K'), `${segment} does not start with an IDR`);
      for (const kind of ['video', 'audio']) {
        const stated = runs.filter((r) => r.track === (kind === 'video' ? 1 : 2)).flatMap((r) => r.durations.map((_, i) => r.at + r.durations.slice(0, i).reduce((sum, d) => sum + d, 0)));
        assert.deepEqual(mine(kind).map((p) => p.pts), stated, `${kind} in ${segment}`);
      }
    }
    assert.equal(ends.size, 2);
    console.log(`figure: ${segments.length} segments without a missing timestamp, places where the machine was too slow for a picture: ${skipped}`);
  } finally {
    await footlight.stop();
  }
});
