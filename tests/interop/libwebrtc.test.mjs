// libwebrtc as an application links it (npm @roamhq/wrtc, M106): no browser, and years older than the one here.
import test from 'node:test';
import { until } from '../harness/footlight.mjs';
import { rehearse, scripted } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage({ browsers: false });

for (const codec of ['vp8', 'vp9', 'av1']) {
  test(`libwebrtc publishes ${codec} with Opus and another libwebrtc plays it`, { timeout: 60_000 }, async () => {
    const event = await rehearse(at.footlight, `libwebrtc ${codec}`);
    const peer = (action, { url, token }) => scripted('libwebrtc_peer.mjs', [action, url, token, `opus,${codec}`, 60, 100]);
    const presenter = peer('publish', event.whip('camera'));
    let viewer;
    try {
      const source = await until('the source', async () => { presenter.last(); return (await event.sources()).find((s) => s.state === 'connected'); });
      viewer = peer('play', event.whep(source));
      await until('40 pictures and a second of sound', () => viewer.last()?.pictures >= 40 && viewer.last().sounds >= 100, { every: 100 });
      // It may begin smaller, until its own estimate has room.
      await until('the picture in its whole size', () => `${viewer.last().width}x${viewer.last().height}` === '640x360', { every: 100 });
    } finally {
      viewer?.stop();
      presenter.stop();
      await event.end();
    }
  });
}
