// Firefox ESR (VP8: Debian's build has no H.264 for WebRTC) publishes to Chromium and plays what Chromium publishes.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { launch } from '../harness/browser.mjs';
import { publishClock } from '../harness/clock_strip.mjs';
import { launchFirefox, openFirefox, ownAddress } from '../harness/firefox.mjs';
import { moves, peerPage, rehearse, startServer } from '../harness/interop.mjs';
import { servePage, webrtcPeer } from '../harness/webrtc_page.mjs';

let footlight, site, firefox, chromium;
before(async () => {
  footlight = await startServer();
  site = await servePage({ address: ownAddress() });
  firefox = await launchFirefox();
  chromium = await launch();
});
after(async () => {
  await firefox?.close();
  await chromium?.close();
  site?.close();
  await footlight?.stop();
});

test('Firefox publishes VP8 and Chromium plays it', { timeout: 60_000 }, async () => {
  const event = await rehearse(footlight, 'From Firefox');
  const presenter = await openFirefox(firefox, site.url, [publishClock, webrtcPeer]);
  const viewer = await peerPage(chromium, site);
  try {
    await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec: { name: 'vp8' } });
    await viewer.evaluate((o) => window.peer.play(o), event.whep(await event.connected('camera')));
    const seen = await moves(viewer);
    assert.equal(seen.codec, 'video/VP8');
  } finally {
    await presenter.evaluate(() => window.peer.close());
    await presenter.close();
    await viewer.context().close();
    await event.end();
  }
});

test('Chromium publishes VP8 and Firefox plays it', { timeout: 60_000 }, async () => {
  const event = await rehearse(footlight, 'To Firefox');
  const presenter = await peerPage(chromium, site, publishClock);
  const viewer = await openFirefox(firefox, site.url, [webrtcPeer]);
  try {
    await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec: { name: 'vp8' } });
    await viewer.evaluate((o) => window.peer.play(o), event.whep(await event.connected('camera')));
    await moves(viewer);
  } finally {
    await presenter.evaluate(() => window.peer.close());
    await presenter.context().close();
    await viewer.close();
    await event.end();
  }
});
