// Networks that refuse UDP, translators that forget, clients that move: the same session goes on.
import assert from 'node:assert/strict';
import test, { afterEach, beforeEach } from 'node:test';
import { publishClock, readClock } from '../harness/clock_strip.mjs';
import { sleep, until } from '../harness/footlight.mjs';
import { observePicture, printPicture } from '../harness/freezes.mjs';
import { moves, observed, peerPage, rehearse } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage({ network: true });
let event, presenter, viewer;
afterEach(async () => {
  at.network.lose(0);
  at.network.forward6(false);
  await presenter?.context().close();
  await viewer?.context().close();
  await event.end();
});

const codec = { name: 'h264', mode: 1, profile: '42e01f' };
async function publish(where) {
  presenter = await peerPage(where, at.site, publishClock, { width: 640, height: 360 });
  await presenter.evaluate((o) => window.peer.publish(o), { ...event.whip('camera'), codec });
  return event.connected('camera');
}
async function play(where, camera) {
  viewer = await peerPage(where, at.site, readClock);
  await viewer.evaluate((o) => window.peer.play(o), event.whep(camera));
  await moves(viewer);
}
// One freeze, for as long as there was no way; nothing comes on top of it.
function frozeOnce(seen) {
  assert.ok(seen.frozenMs - seen.longestMs < 400, `${seen.freezes} freezes, ${seen.frozenMs} ms in all, the longest ${seen.longestMs}: ${JSON.stringify(seen.samples)}`);
}
const sessions = async (kind) => (await observed(at.footlight)).sessions.filter((s) => s.kind === kind && s.state === 'connected');
async function pair(page) {
  const rows = await page.evaluate(() => window.peer.stats());
  const used = rows.find((r) => r.type === 'transport')?.selectedCandidatePairId;
  const found = rows.find((r) => r.id === used);
  return { local: rows.find((r) => r.id === found?.localCandidateId), remote: rows.find((r) => r.id === found?.remoteCandidateId) };
}
beforeEach(async () => { event = await rehearse(at.footlight, 'Reach'); });

test('a network without UDP: viewer and presenter come by TCP on the same port number', { timeout: 90_000 }, async () => {
  at.network.dropUdp();
  const camera = await publish(at.far);
  await play(at.far, camera);
  for (const page of [presenter, viewer]) {
    const { local, remote } = await pair(page);
    assert.equal(local.protocol, 'tcp');
    assert.ok(at.footlight.listen.media.flat().includes(`${remote.address}:${remote.port}`), `${remote.address}:${remote.port}`);
  }
  const seen = await observePicture(viewer, 6);
  printPicture('UDP dropped, by ICE-TCP both ways', seen);
  assert.ok(seen.fps > 15, `${seen.fps} frames/s`);
  for (const kind of ['publish', 'subscribe']) assert.deepEqual((await sessions(kind)).map((s) => s.transport), ['tcp']);
});

test('IPv6: viewer and presenter come by it where IPv4 carries no UDP', { timeout: 90_000 }, async () => {
  at.network.dropUdp();
  at.network.forward6();
  const camera = await publish(at.far);
  await play(at.far, camera);
  for (const page of [presenter, viewer]) {
    const { remote } = await pair(page);
    assert.equal(`${remote.protocol} ${remote.address.replace(/[\[\]]/g, '')}`, `udp ${at.network.server6}`);
  }
  for (const kind of ['publish', 'subscribe']) assert.deepEqual((await sessions(kind)).map((s) => s.transport), ['udp']);
});

const changes = {
  'a translator forgets its ports': () => at.network.rebind(at.network.outside[0], '40000-49999'),
  'a translator changes its own address': () => at.network.rebind(at.network.outside[1], '20000-29999'),
};
for (const [name, change] of Object.entries(changes)) {
  test(`${name}: viewer and presenter stay in their sessions`, { timeout: 90_000 }, async () => {
    await play(at.far, await publish(at.far));
    const connected = async () => (await observed(at.footlight)).sessions.filter((s) => s.state === 'connected').map((s) => s.id).sort();
    const before = await connected();
    const watching = observePicture(viewer, 10);
    await sleep(1500);
    change();
    const seen = await watching;
    printPicture(`${name}, for both`, seen);
    frozeOnce(seen);
    assert.deepEqual(await connected(), before, 'the same sessions');
    assert.ok(seen.lastFps > 15, JSON.stringify(seen.samples.slice(-4)));
  });
}

test('a viewer moves to another network and restarts ICE: the same session and the same DTLS', { timeout: 90_000 }, async () => {
  await play(at.far, await publish(at.near));
  const [session] = await sessions('subscribe');
  const watching = observePicture(viewer, 12);
  await sleep(1500);
  at.network.move();
  await viewer.evaluate(() => window.peer.restart());
  const seen = await watching;
  printPicture('another address of the client, ICE restart by PATCH', seen);
  frozeOnce(seen);
  assert.ok(seen.lastFps > 15, JSON.stringify(seen.samples.slice(-4)));
  await until('the same session alone', async () => { const now = await sessions('subscribe'); return now.length === 1 && now[0].id === session.id; }, { timeout: 5000 });
});
