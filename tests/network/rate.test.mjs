// Paths that get narrow and wide again: what a viewer and a presenter make of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock, readClock } from '../harness/clock_strip.mjs';
import { until } from '../harness/footlight.mjs';
import { observePicture, printPicture, reached } from '../harness/freezes.mjs';
import { moves, peerPage, received, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage({ network: true });

async function onAir(title, { presents, watches, size, options }) {
  const event = await rehearse(at.footlight, title);
  const presenter = await peerPage(presents, at.site, publishClock, size);
  const viewer = await peerPage(watches, at.site, readClock);
  await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), ...options });
  const camera = await event.connected('camera');
  return {
    viewer, play: () => viewer.evaluate((o) => window.peer.play(o), event.whep(camera)),
    end: async () => {
      at.network.limit('down', 0);
      at.network.limit('up', 0);
      await presenter.evaluate(() => window.peer.close());
      await presenter.context().close();
      await viewer.context().close();
      await event.end();
    },
  };
}
const layered = { codec: { name: 'vp8' }, layers: 3, kbps: [150, 400, 1200], audio: false };

test('a viewer on 600 kbit/s gets a smooth lower layer of a simulcast', { timeout: 90_000 }, async () => {
  at.network.limit('down', 600);
  const show = await onAir('Narrow', { presents: at.near, watches: at.far, size: { width: 1280, height: 720 }, options: layered });
  try {
    await show.play();
    await moves(show.viewer, { least: 10 });
    const seen = await observePicture(show.viewer, 12);
    printPicture('viewer on 600 kbit/s, simulcast of 150 + 400 + 1200', seen, ' (goal: none above 1000 ms)');
    assert.ok(seen.longestMs <= 1000, `frozen for ${seen.longestMs} ms`);
    assert.ok(seen.fps > 15, `${seen.fps} frames/s`);
    assert.ok(!seen.heights.includes(720), 'not the layer that does not fit');
  } finally {
    await show.end();
  }
});

async function step(name, show, direction) {
  const goal = 'no goal set for the step itself';
  at.network.limit(direction, 3000);
  await show.play();
  await moves(show.viewer, { least: 15 });
  const wide = await observePicture(show.viewer, 12);
  at.network.limit(direction, 500);
  const narrow = await observePicture(show.viewer, 12);
  at.network.limit(direction, 3000);
  const again = await observePicture(show.viewer, 25);
  const fitted = narrow.samples.find((s, i) => i > 0 && s.kbps <= 500 && s.fps >= 15)?.ms;
  printPicture(`${name}, 3 Mbit/s`, wide);
  printPicture(`${name}, then 500 kbit/s`, narrow, ` · fitted after ${fitted ?? 'never'} ms (${goal})`);
  printPicture(`${name}, then 3 Mbit/s`, again, ` · recovered ${again.kbps} of ${wide.kbps} kbit/s, 80 % of it after ${reached(again.samples, wide.kbps * 0.8) ?? 'never in 25 s'} ms`);
  return { wide, narrow, again };
}

test('a viewer from 3 Mbit/s to 500 kbit/s and back: down to what fits, and up again', { timeout: 120_000 }, async () => {
  const show = await onAir('Step', { presents: at.near, watches: at.far, size: { width: 1280, height: 720 }, options: layered });
  try {
    const { wide, narrow, again } = await step('viewer, simulcast', show, 'down');
    assert.ok(wide.heights.includes(720), 'the highest layer where there is room');
    assert.ok(narrow.samples.slice(-8).every((s) => s.fps > 10), `moves while narrow: ${JSON.stringify(narrow.samples.slice(-8))}`);
    assert.ok(again.kbps > wide.kbps * 0.7, `${again.kbps} kbit/s came back of ${wide.kbps}`);
    await until('the highest layer again', async () => (await received(show.viewer)).frameHeight === 720, { timeout: 1000 });
  } finally {
    await show.end();
  }
});

test('a presenter from 3 Mbit/s to 500 kbit/s and back: the feedback tells the sender', { timeout: 120_000 }, async () => {
  const show = await onAir('Step up', { presents: at.far, watches: at.near, size: { width: 1280, height: 720 }, options: { codec: { name: 'vp8' }, kbps: 2000, audio: false } });
  try {
    const { wide, narrow, again } = await step('presenter, one layer', show, 'up');
    assert.ok(narrow.samples.slice(-8).every((s) => s.fps > 5), `moves while narrow: ${JSON.stringify(narrow.samples.slice(-8))}`);
    assert.ok(again.kbps > wide.kbps * 0.6, `${again.kbps} kbit/s came back of ${wide.kbps}`);
  } finally {
    await show.end();
  }
});
