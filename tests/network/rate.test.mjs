// Paths that get narrow and wide again: what a viewer and a presenter make of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock, readClock } from '../harness/clock_strip.mjs';
import { until } from '../harness/footlight.mjs';
import { observePicture, printPicture, reached } from '../harness/freezes.mjs';
import { moves, observed, peerPage, rehearse, sent } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage({ network: true });

async function onAir(title, { presents, watches, options }) {
  const event = await rehearse(at.footlight, title);
  const presenter = await peerPage(presents, at.site, publishClock, { width: 960, height: 540 });
  const viewer = await peerPage(watches, at.site, readClock);
  await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), ...options });
  const camera = await event.connected('camera');
  const session = async (kind) => (await observed(at.footlight)).sessions.find((s) => s.kind === kind && s.stream === camera.id && s.state === 'connected');
  return {
    viewer, play: () => viewer.evaluate((o) => window.peer.play(o), event.whep(camera)),
    // The layer's rate, as the relay receives it, in kbit/s.
    layer: async (rid) => ((await session('publish'))?.media?.find((t) => t.layer === rid)?.bitrate_bps ?? 0) / 1000,
    // The estimate in kbit/s, and the encoder's own rate of pictures: on a busy machine it is what limits.
    also: async () => ({ estimate: Math.round((await session('subscribe')).estimate_bps / 1000), encoded: Math.max(...(await sent(presenter)).map((s) => s.framesPerSecond ?? 0)) }),
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
const layered = { codec: { name: 'vp8' }, layers: 3, kbps: [100, 350, 1200], audio: false };
const mean = (samples) => samples.reduce((sum, s) => sum + s.encoded, 0) / samples.length;
const tell = (samples) => JSON.stringify(samples.map(({ ms, ...rest }) => Object.values(rest).join(' ')));

test('a viewer on 600 kbit/s gets a smooth lower layer of a simulcast', { timeout: 90_000 }, async () => {
  at.network.limit('down', 600);
  const show = await onAir('Narrow', { presents: at.near, watches: at.far, options: layered });
  try {
    await until('the highest layer at a rate that does not fit', async () => (await show.layer('h')) > 800, { timeout: 30_000, every: 250 });
    await show.play();
    await moves(show.viewer, { least: 10 });
    const seen = await observePicture(show.viewer, 12, show.also);
    const encoded = mean(seen.samples), starved = Math.min(...seen.samples.map((s) => s.encoded)) < 10;
    printPicture('viewer on 600 kbit/s, simulcast of 100 + 350 + 1200', seen, ` · encoded ${encoded.toFixed(1)} frames/s${starved ? ', its encoder starved for a while' : ''} (goal: no freeze above 1000 ms)`);
    assert.ok(seen.longestMs <= 1000 || starved, `frozen for ${seen.longestMs} ms: ${tell(seen.samples)}`);
    assert.ok(seen.fps > encoded * 0.75, `${seen.fps} frames/s: ${tell(seen.samples)}`);
    assert.ok(seen.samples.slice(-8).every((s) => s.height < 540), `not the layer that does not fit: ${tell(seen.samples)}`);
  } finally {
    await show.end();
  }
});

async function step(name, show, direction) {
  at.network.limit(direction, 3000);
  await show.play();
  await moves(show.viewer, { least: 10 });
  const wide = await observePicture(show.viewer, 12, show.also);
  at.network.limit(direction, 500);
  const narrow = await observePicture(show.viewer, 12, show.also);
  const encoded = mean(narrow.samples);
  at.network.limit(direction, 3000);
  const again = await observePicture(show.viewer, 25, show.also);
  const fitted = narrow.samples.find((s, i) => i > 0 && s.kbps <= 500 && s.fps > encoded * 0.75)?.ms;
  printPicture(`${name}, 3 Mbit/s`, wide);
  printPicture(`${name}, then 500 kbit/s`, narrow, ` · fitted after ${fitted ?? 'never'} ms · encoded ${encoded.toFixed(1)} frames/s`);
  printPicture(`${name}, then 3 Mbit/s`, again, ` · recovered ${again.kbps} of ${wide.kbps} kbit/s, 80 % of it after ${reached(again.samples, wide.kbps * 0.8) ?? 'never in 25 s'} ms`);
  const smooth = narrow.samples.slice(-8);
  assert.ok(smooth.reduce((sum, s) => sum + s.fps, 0) / smooth.length > encoded * 0.6, `moves while narrow: ${tell(narrow.samples)}`);
  assert.ok(again.kbps > wide.kbps * 0.6, `${again.kbps} kbit/s came back of ${wide.kbps}: ${tell(again.samples)}`);
  return { wide, narrow, again };
}

test('a viewer from 3 Mbit/s to 500 kbit/s and back: down to what fits, and up again', { timeout: 120_000 }, async () => {
  const show = await onAir('Step', { presents: at.near, watches: at.far, options: layered });
  try {
    await until('the highest layer', async () => (await show.layer('h')) > 800, { timeout: 30_000, every: 250 });
    const { wide, again } = await step('viewer, simulcast', show, 'down');
    assert.equal(wide.samples.at(-1).height, 540, `the highest layer where there is room: ${tell(wide.samples)}`);
    assert.equal(again.samples.at(-1).height, 540, `the highest layer again: ${tell(again.samples)}`);
  } finally {
    await show.end();
  }
});

test('a presenter from 3 Mbit/s to 500 kbit/s and back: the feedback tells the sender', { timeout: 120_000 }, async () => {
  const show = await onAir('Step up', { presents: at.far, watches: at.near, options: { codec: { name: 'vp8' }, kbps: 2000, audio: false } });
  try {
    await step('presenter, one layer', show, 'up');
  } finally {
    await show.end();
  }
});
