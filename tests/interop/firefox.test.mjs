// Firefox ESR (VP8: Debian's build has no H.264 for WebRTC) publishes to Chromium and plays what Chromium publishes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock } from '../harness/clock_strip.mjs';
import { openFirefox } from '../harness/firefox.mjs';
import { moves, peerPage, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';
import { webrtcPeer } from '../harness/webrtc_page.mjs';

const at = stage({ firefox: true });

test('Firefox publishes VP8 and Chromium plays it', { timeout: 60_000 }, async () => {
  const event = await rehearse(at.footlight, 'From Firefox');
  const presenter = await openFirefox(at.firefox, at.site.url, [publishClock, webrtcPeer]);
  const viewer = await peerPage(at.near, at.site);
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
  const event = await rehearse(at.footlight, 'To Firefox');
  const presenter = await peerPage(at.near, at.site, publishClock);
  const viewer = await openFirefox(at.firefox, at.site.url, [webrtcPeer]);
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
