// What presenters do with a picture that is on air: hardly any frames, another size.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock, readClock } from '../harness/clock_strip.mjs';
import { until } from '../harness/footlight.mjs';
import { peerPage, received, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage();

// An event with a presenter in it, a viewer of the source and one of the programme, both reading the clock.
async function onAir(title, size, codec) {
  const event = await rehearse(at.footlight, title);
  const presenter = await peerPage(at.near, at.site, publishClock, size);
  const [source, programme] = await Promise.all([peerPage(at.far, at.site, readClock), peerPage(at.far, at.site, readClock)]);
  const close = async () => {
    await presenter.evaluate(() => window.peer.close());
    await Promise.all([presenter, source, programme].map((p) => p.context().close()));
    await event.end();
  };
  await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec });
  await source.evaluate((o) => window.peer.play(o), event.whep(await event.connected('camera')));
  await programme.evaluate((o) => window.peer.play(o), event.programme);
  return { presenter, source, programme, close };
}
const shown = (page, frames) => page.waitForFunction((n) => window.strip.latencies.length >= n, frames, { timeout: 15_000 });

test('a screen share of one picture a second is seen by who joins, and moves the programme', { timeout: 60_000 }, async () => {
  const { source, programme, close } = await onAir('Slides', { width: 1280, height: 720, fps: 1 }, { name: 'vp8' });
  try {
    await shown(source, 4);
    await shown(programme, 30);
    const gaps = await Promise.all([source, programme].map((p) => p.evaluate(() => window.strip.longestGap)));
    assert.ok(Math.max(...gaps) < 3000, `a new picture came only after ${gaps.join(' and ')} ms`);
  } finally {
    await close();
  }
});

for (const codec of [{ name: 'h264', mode: 1, profile: '42e01f' }, { name: 'vp8' }]) {
  test(`a presenter changes the size of its ${codec.name} picture and changes it back; viewers follow without a freeze`, { timeout: 60_000 }, async () => {
    const { presenter, source, programme, close } = await onAir('Sizes', { width: 1280, height: 720 }, codec);
    try {
      await Promise.all([shown(source, 10), shown(programme, 10)]);
      await Promise.all([source, programme].map((p) => p.evaluate(() => window.strip.reset())));
      for (const [by, heights] of [[4, [135, 180]], [1, [540, 720]]]) {
        await presenter.evaluate(async (scaleResolutionDownBy) => {
          const sender = window.peer.pc.getSenders().find((s) => s.track.kind === 'video');
          const parameters = sender.getParameters();
          parameters.encodings[0].scaleResolutionDownBy = scaleResolutionDownBy;
          await sender.setParameters(parameters);
        }, by);
        await until(`a height among ${heights}`, async () => heights.includes((await received(source)).frameHeight), { every: 100 });
      }
      const strips = await Promise.all([source, programme].map((p) => p.evaluate(() => window.strip)));
      for (const strip of strips) assert.ok(strip.longestGap < 2000 && strip.frames > 10, JSON.stringify({ ...strip, latencies: [] }));
    } finally {
      await close();
    }
  });
}
