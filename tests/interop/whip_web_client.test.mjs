// The npm package @eyevinn/whip-web-client, as its README says to use it, in Chromium: it trickles by PATCH and leaves by DELETE.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock } from '../harness/clock_strip.mjs';
import { pageScript } from '../harness/commonjs_page.mjs';
import { until } from '../harness/footlight.mjs';
import { moves, peerPage, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage({ files: { '/whip.js': pageScript('@eyevinn/whip-web-client', 'whip') } });

for (const noTrickleIce of [false, true]) {
  test(`whip-web-client publishes ${noTrickleIce ? 'with all candidates in the offer' : 'and trickles'}, is played, and leaves`, { timeout: 60_000 }, async () => {
    const event = await rehearse(at.footlight, 'whip-web-client');
    const presenter = await peerPage(at.near, at.site, publishClock);
    const viewer = await peerPage(at.near, at.site);
    try {
      await presenter.addScriptTag({ url: '/whip.js' });
      await presenter.evaluate(async ({ url, token, noTrickleIce }) => {
        window.client = new window.whip.WHIPClient({ endpoint: url, opts: { authkey: token, noTrickleIce } });
        await window.client.setIceServersFromEndpoint();
        await window.client.ingest(await window.clockMedia({ video: true, audio: true }));
      }, { ...event.whip('camera'), noTrickleIce });
      const camera = await event.connected('camera');
      await viewer.evaluate((o) => window.peer.play(o), event.whep(camera));
      await moves(viewer);
      await presenter.evaluate(() => window.client.destroy());
      await until('the source to be gone', async () => (await event.sources()).find((s) => s.id === camera.id).state !== 'connected', { timeout: 10_000 });
      assert.deepEqual(presenter.console.filter((line) => line.startsWith('pageerror')), []);
    } finally {
      await presenter.context().close();
      await viewer.context().close();
      await event.end();
    }
  });
}
