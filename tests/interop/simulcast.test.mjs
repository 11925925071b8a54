// Three layers from a browser: the relay receives all of them, gives a good network the highest, and the programme shows it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock } from '../harness/clock_strip.mjs';
import { openFirefox } from '../harness/firefox.mjs';
import { until } from '../harness/footlight.mjs';
import { moves, observed, peerPage, received, rehearse, sent } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';
import { webrtcPeer } from '../harness/webrtc_page.mjs';

const size = { width: 1280, height: 720 };

const at = stage({ firefox: true });

const inChromium = () => peerPage(at.near, at.site, publishClock, size);
async function inFirefox() {
  const page = await openFirefox(at.firefox, at.site.url);
  await page.evaluate(publishClock, size);
  await page.evaluate(webrtcPeer);
  return page;
}

for (const [name, presents, codec] of [['Chromium VP8', inChromium, { name: 'vp8' }], ['Chromium H.264', inChromium, { name: 'h264', mode: 1, profile: '42e01f' }], ['Firefox VP8', inFirefox, { name: 'vp8' }]]) {
  test(`${name}: three layers arrive and a viewer with room gets the highest`, { timeout: 60_000 }, async () => {
    const event = await rehearse(at.footlight, name);
    const presenter = await presents();
    const viewer = await peerPage(at.near, at.site);
    try {
      await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec, layers: 3, kbps: [150, 400, 1200] });
      const camera = await event.connected('camera');
      await viewer.evaluate((o) => window.peer.play(o), event.whep(camera));
      const layers = await until('three live layers', async () => {
        const session = (await observed(at.footlight)).sessions.find((s) => s.stream === camera.id && s.kind === 'publish' && s.state === 'connected');
        const live = session?.media?.filter((t) => t.kind === 'video' && t.state === 'live' && t.bitrate_bps > 0) ?? [];
        return live.length === 3 && live;
      }, { timeout: 25_000, every: 250 }).catch(async (e) => { throw new Error(`${e.message}: ${JSON.stringify((await observed(at.footlight)).sessions)} of ${JSON.stringify((await sent(presenter)).map((s) => [s.rid, s.active, s.framesSent]))}`); });
      assert.deepEqual(layers.map((l) => l.layer).sort(), ['h', 'l', 'm']);
      await until('the highest layer', async () => (await received(viewer)).frameHeight === 720, { timeout: 15_000, every: 100 });
      await moves(viewer, { least: 15 });
    } finally {
      await presenter.evaluate(() => window.peer.close());
      await (presenter.context?.().close?.() ?? presenter.close());
      await viewer.context().close();
      await event.end();
    }
  });
}
