// Chromium with nothing but RTCPeerConnection, WHIP and WHEP: each codec goes in, comes back as it was sent, and moves the programme.
import assert from 'node:assert/strict';
import test from 'node:test';
import { publishClock, readClock } from '../harness/clock_strip.mjs';
import { until } from '../harness/footlight.mjs';
import { moves, observed, peerPage, received, rehearse, sent, sounds } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage();

const cases = {
  'H.264, packetization-mode 1': { name: 'h264', mode: 1, profile: '42e01f' },
  'H.264, packetization-mode 0': { name: 'h264', mode: 0, profile: '42e01f' },
  'VP8': { name: 'vp8' },
  'VP9': { name: 'vp9' },
  'AV1': { name: 'av1' },
};
for (const [name, codec] of Object.entries(cases)) {
  test(`Chromium publishes ${name}; another plays the source as it was sent, and the programme with it in the picture`, { timeout: 60_000 }, async () => {
    const event = await rehearse(at.footlight, name);
    const presenter = await peerPage(at.near, at.site, publishClock);
    const source = await peerPage(at.far, at.site), programme = await peerPage(at.far, at.site, readClock);
    try {
      await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec });
      const camera = await event.connected('camera');
      await source.evaluate((o) => window.peer.play(o), event.whep(camera));
      const seen = await moves(source);
      assert.equal(seen.codec.toLowerCase(), `video/${codec.name}`);
      // Chromium may begin smaller, until its own estimate has room.
      await until('the picture in its whole size', async () => (({ frameWidth, frameHeight }) => `${frameWidth}x${frameHeight}` === '640x360')(await received(source)), { every: 100 });
      await programme.evaluate((o) => window.peer.play(o), event.programme);
      await programme.waitForFunction(() => window.strip.latencies.length > 30, null, { timeout: 15_000 });
      const session = (await observed(at.footlight)).sessions.find((s) => s.kind === 'publish' && s.state === 'connected' && s.stream === camera.id);
      assert.ok(session && session.bitrate_bps > 50_000, JSON.stringify(session));
      assert.equal(session.transport, 'udp');
    } finally {
      await presenter.evaluate(() => window.peer.close());
      await Promise.all([presenter.context().close(), source.context().close(), programme.context().close()]);
      await event.end();
    }
  });
}

// `plain`: the height at a viewer that offers what Chromium offers unasked; `descriptor`: at one that asks for the dependency descriptor.
for (const { name, plain, descriptor } of [{ name: 'vp9', plain: 720 }, { name: 'av1', plain: 180, descriptor: 720 }]) {
  test(`Chromium publishes ${name} with three spatial layers; viewers and the programme show it`, { timeout: 60_000 }, async () => {
    const event = await rehearse(at.footlight, `Spatial layers, ${name}`);
    const presenter = await peerPage(at.near, at.site, publishClock, { width: 1280, height: 720 });
    const [viewer, asking, programme] = await Promise.all([peerPage(at.far, at.site), peerPage(at.far, at.site), peerPage(at.far, at.site, readClock)]);
    try {
      await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec: { name }, scalability: 'L3T3_KEY', kbps: 1500 });
      const camera = await event.connected('camera');
      await viewer.evaluate((o) => window.peer.play(o), event.whep(camera));
      if (descriptor) await asking.evaluate((o) => window.peer.play(o), { ...event.whep(camera), descriptor: true });
      // Chromium sends its upper layers once its own estimate has room for them: at its first probe, or at 8 % a second from there.
      const climbed = performance.now();
      await until('the presenter to send 720 lines', async () => (await sent(presenter))[0]?.frameHeight === 720, { timeout: 25_000, every: 100 });
      console.log(`${name}: the presenter sent all its layers after ${Math.round(performance.now() - climbed)} ms`);
      // An encoder that is short of bits leaves its upper layers out of a picture.
      const shows = (page, height) => until(`a picture of ${height} lines`, async () => (await received(page)).frameHeight === height, { every: 100 });
      const seen = await moves(viewer, { least: 15 });
      assert.equal(seen.codec.toLowerCase(), `video/${name}`);
      await shows(viewer, plain);
      assert.ok(seen.pliCount <= 3, `${seen.pliCount} key frames asked for`);
      if (descriptor) await moves(asking, { least: 15 });
      if (descriptor) await shows(asking, descriptor);
      await programme.evaluate((o) => window.peer.play(o), event.programme);
      await programme.waitForFunction(() => window.strip.latencies.length > 15, null, { timeout: 15_000 });
    } finally {
      await presenter.evaluate(() => window.peer.close());
      await Promise.all([presenter, viewer, asking, programme].map((p) => p.context().close()));
      await event.end();
    }
  });
}

test('Chromium publishes RED; one viewer that takes RED and one that takes plain Opus hear it, and the programme has it', { timeout: 60_000 }, async () => {
  const event = await rehearse(at.footlight, 'RED');
  const presenter = await peerPage(at.near, at.site, publishClock);
  const [redundant, plain, programme] = await Promise.all([peerPage(at.far, at.site), peerPage(at.far, at.site), peerPage(at.far, at.site)]);
  try {
    const answer = await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), video: false, red: true });
    assert.match(answer, /red\/48000/, 'RED was agreed');
    const camera = await event.connected('camera');
    await redundant.evaluate((o) => window.peer.play(o), { ...event.whep(camera), video: false, audioCodecs: ['audio/red', 'audio/opus'] });
    await plain.evaluate((o) => window.peer.play(o), { ...event.whep(camera), video: false, audioCodecs: ['audio/opus'] });
    await programme.evaluate((o) => window.peer.play(o), event.programme);
    const single = await sounds(plain), double = await sounds(redundant);
    assert.ok(double > single * 1.5, `${double} bytes a packet with what was before in it, ${single} without`);
    await sounds(programme);
  } finally {
    await presenter.evaluate(() => window.peer.close());
    await Promise.all([presenter, redundant, plain, programme].map((p) => p.context().close()));
    await event.end();
  }
});
