// Peers without a browser: libdatachannel (npm node-datachannel), aiortc and GStreamer's webrtcbin, each in and out.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../harness/footlight.mjs';
import { observed, rehearse, scripted } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage({ browsers: false });

const peers = {
  libdatachannel: { script: 'libdatachannel_peer.mjs', words: (codec) => [`opus,${codec}`] },
  aiortc: { script: 'aiortc_peer.py', words: (codec) => [codec] },
  GStreamer: { script: 'gstreamer_peer.py', words: (codec) => [`opus,${codec}`] },
};
for (const [name, { script, words }] of Object.entries(peers)) {
  for (const codec of ['h264', 'vp8']) {
    test(`${name} publishes ${codec} with Opus and another ${name} plays it`, { timeout: 60_000 }, async () => {
      const event = await rehearse(at.footlight, `${name} ${codec}`);
      const whip = event.whip('camera');
      const presenter = scripted(script, ['publish', whip.url, whip.token, ...words(codec), 60]);
      let viewer;
      try {
        const source = await until('the source', async () => { presenter.last(); return (await event.sources()).find((s) => s.state === 'connected'); }, { timeout: 15_000 });
        const whep = event.whep(source);
        viewer = scripted(script, ['play', whep.url, whep.token, ...words(codec), 60]);
        const seen = await until('40 pictures', () => viewer.last()?.pictures >= 40 && viewer.last(), { timeout: 20_000, every: 100 });
        assert.equal(`${seen.width}x${seen.height}`, '640x360');
        assert.ok(seen.sounds > 20, JSON.stringify(seen));
      } finally {
        viewer?.stop();
        presenter.stop();
        await event.end();
      }
    });
  }
  test(`${name} plays the programme`, { timeout: 60_000 }, async () => {
    const event = await rehearse(at.footlight, `${name} programme`);
    const whip = event.whip('camera');
    const presenter = scripted(script, ['publish', whip.url, whip.token, ...words('vp8'), 60]);
    const viewer = scripted(script, ['play', event.programme.url, event.programme.token, ...words('h264'), 60]);
    try {
      await until('40 pictures', () => { presenter.last(); return viewer.last()?.pictures >= 40; }, { timeout: 20_000, every: 100 })
        .catch(async (e) => { throw new Error(`${e.message}: ${JSON.stringify([viewer.last(), await event.sources(), (await observed(at.footlight)).sessions])}`); });
    } finally {
      viewer.stop();
      presenter.stop();
      await event.end();
    }
  });
}

test('GStreamer publishes sound alone, without BUNDLE', { timeout: 60_000 }, async () => {
  const event = await rehearse(at.footlight, 'Sound alone');
  const whip = event.whip('camera');
  const presenter = scripted('gstreamer_peer.py', ['publish', whip.url, whip.token, 'opus', 60]);
  let viewer;
  try {
    const source = await until('the source', async () => { presenter.last(); return (await event.sources()).find((s) => s.state === 'connected'); }, { timeout: 15_000 });
    const whep = event.whep(source);
    viewer = scripted('gstreamer_peer.py', ['play', whep.url, whep.token, 'opus', 60]);
    await until('sound', () => viewer.last()?.sounds > 40, { timeout: 15_000, every: 100 });
    const session = (await observed(at.footlight)).sessions.find((s) => s.stream === source.id && s.kind === 'publish');
    assert.ok(session.bitrate_bps > 5000, JSON.stringify(session));
  } finally {
    viewer?.stop();
    presenter.stop();
    await event.end();
  }
});
