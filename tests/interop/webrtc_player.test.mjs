// The npm package @eyevinn/webrtc-player, as its README says to use it, in Chromium: it plays a WHEP address and leaves by DELETE.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock, readClock } from '../harness/clock_strip.mjs';
import { pageScript } from '../harness/commonjs_page.mjs';
import { until } from '../harness/footlight.mjs';
import { observed, peerPage, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

// Advertisements are another package's, whose build for browsers is no CommonJS module.
const at = stage({ files: { '/player.js': pageScript('@eyevinn/webrtc-player', 'player', { without: ['@eyevinn/csai-manager'] }) } });

test('webrtc-player plays the programme of a live event, and leaves', { timeout: 60_000 }, async () => {
  const event = await rehearse(at.footlight, 'webrtc-player');
  const presenter = await peerPage(at.near, at.site, publishClock);
  const viewer = await peerPage(at.far, at.site, readClock);
  try {
    await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec: { name: 'vp8' } });
    await event.connected('camera');
    await at.footlight.api('POST', `/api/v1/events/${event.id}/go-live`);
    await viewer.addScriptTag({ url: '/player.js' });
    await viewer.evaluate(async (url) => {
      window.client = new window.player.WebRTCPlayer({ video: document.querySelector('video'), type: 'whep', iceServers: [] });
      await window.client.load(new URL(url));
    }, event.programme.url);
    await viewer.waitForFunction(() => window.strip.latencies.length > 30, null, { timeout: 15_000 });
    const watching = async () => (await observed(at.footlight)).sessions.filter((s) => s.kind === 'subscribe' && s.state === 'connected').length;
    assert.equal(await until('the viewer to be seen', watching), 1);
    await viewer.evaluate(() => window.client.destroy());
    await until('the viewer to be gone', async () => (await watching()) === 0);
    assert.deepEqual(viewer.console.filter((line) => line.startsWith('pageerror')), []);
  } finally {
    await presenter.evaluate(() => window.peer.close());
    await Promise.all([presenter, viewer].map((p) => p.context().close()));
    await event.end();
  }
});
