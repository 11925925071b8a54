// Three layers from a browser: the relay receives all of them, gives a good network the highest, and the programme shows it.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { launch } from '../harness/browser.mjs';
import { publishClock } from '../harness/clock_strip.mjs';
import { launchFirefox, openFirefox, ownAddress } from '../harness/firefox.mjs';
import { until } from '../harness/footlight.mjs';
import { moves, observed, peerPage, received, rehearse, sent, startServer } from '../harness/interop.mjs';
import { servePage, webrtcPeer } from '../harness/webrtc_page.mjs';

const size = { width: 1280, height: 720 };
let footlight, site, chromium, firefox;
before(async () => {
  footlight = await startServer();
  site = await servePage({ address: ownAddress() });
  chromium = await launch();
  firefox = await launchFirefox();
});
after(async () => {
  await firefox?.close();
  await chromium?.close();
  site?.close();
  await footlight?.stop();
});

const inChromium = () => peerPage(chromium, site, publishClock, size);
async function inFirefox() {
  const page = await openFirefox(firefox, site.url);
  await page.evaluate(publishClock, size);
  await page.evaluate(webrtcPeer);
  return page;
}

for (const [name, presents, codec] of [['Chromium VP8', inChromium, { name: 'vp8' }], ['Chromium H.264', inChromium, { name: 'h264', mode: 1, profile: '42e01f' }], ['Firefox VP8', inFirefox, { name: 'vp8' }]]) {
  test(`${name}: three layers arrive and a viewer with room gets the highest`, { timeout: 60_000 }, async () => {
    const event = await rehearse(footlight, name);
    const presenter = await presents();
    const viewer = await peerPage(chromium, site);
    try {
      await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec, layers: 3, kbps: [150, 400, 1200] });
      const camera = await event.connected('camera');
      await viewer.evaluate((o) => window.peer.play(o), event.whep(camera));
      const layers = await until('three live layers', async () => {
        const session = (await observed(footlight)).sessions.find((s) => s.stream === camera.id && s.kind === 'publish' && s.state === 'connected');
        const live = session?.media?.filter((t) => t.kind === 'video' && t.state === 'live' && t.bitrate_bps > 0) ?? [];
        return live.length === 3 && live;
      }, { timeout: 25_000, every: 250 }).catch(async (e) => { throw new Error(`${e.message}: ${JSON.stringify((await observed(footlight)).sessions)} of ${JSON.stringify((await sent(presenter)).map((s) => [s.rid, s.active, s.framesSent]))}`); });
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
