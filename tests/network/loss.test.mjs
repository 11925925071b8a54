// A picture over a lossy path, each way of it: a viewer's, and a presenter's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock, readClock } from '../harness/clock_strip.mjs';
import { sleep } from '../harness/footlight.mjs';
import { observePicture, printPicture } from '../harness/freezes.mjs';
import { peerPage, moves, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage({ network: true });

for (const [who, presents, watches] of [['viewer', () => at.near, () => at.far], ['presenter', () => at.far, () => at.near]]) {
  for (const percent of [5, 10]) {
    test(`a ${who} with ${percent} % loss each way: the picture goes on`, { timeout: 90_000 }, async () => {
      const event = await rehearse(at.footlight, `Loss ${percent}`);
      const presenter = await peerPage(presents(), at.site, publishClock, { width: 640, height: 360 });
      const viewer = await peerPage(watches(), at.site, readClock);
      try {
        await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec: { name: 'h264', mode: 1, profile: '42e01f' }, kbps: 1000 });
        await viewer.evaluate((o) => window.peer.play(o), event.whep(await event.connected('camera')));
        await moves(viewer);
        at.network.lose(percent / 100);
        await sleep(1000);
        const seen = await observePicture(viewer, 15);
        printPicture(`${percent} % loss each way, ${who}`, seen, ` (goal: none above ${percent === 5 ? 1000 : 2000} ms)`);
        assert.ok(seen.longestMs <= (percent === 5 ? 1000 : 2000), `frozen for ${seen.longestMs} ms`);
        assert.ok(seen.fps > 20, `${seen.fps} frames/s`);
      } finally {
        at.network.lose(0);
        await presenter.evaluate(() => window.peer.close());
        await presenter.context().close();
        await viewer.context().close();
        await event.end();
      }
    });
  }
}
