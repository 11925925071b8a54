// What is published at one relay is watched at another: two relay processes, real media, and what may happen to either and to the way between them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cascade } from '../harness/cascade.mjs';
import { sleep, until } from '../harness/footlight.mjs';
import { scripted } from '../harness/interop.mjs';
import { bench } from '../harness/relay_bench.mjs';

const kStream = 'camera', kKbps = 600, kFramesPerSecond = 30;
let cascade, a, b;
const running = [];
const run = (...args) => {
  const child = bench(...args);
  running.push(child);
  return child;
};

before(async () => {
  cascade = await Cascade.start({ streams: [kStream] });
  ({ a, b } = cascade);
});
after(async () => {
  for (const child of running) child.kill('SIGKILL');
  await cascade?.stop();
});
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// A publisher at A, until it is stopped; its session is connected.
async function publish() {
  const known = cascade.posted.length;
  const child = run('whip', '--url', cascade.url('whip', a, kStream), '--kbps', kKbps, '--fps', kFramesPerSecond, '--key-seconds', 1, '--seconds', 3600, '--json');
  const session = await until('the publisher', () => {
    if (child.code !== undefined) throw new Error(`bench whip ended with ${child.code}: ${child.err}`);
    return cascade.posted.slice(known).find((p) => p.kind === 'publish');
  });
  await until('its connection', () => a.sessions('publish').some((s) => s.id === session.id && s.state === 'connected'));
  return { child, session };
}

// What it has sent, as it says.
async function unpublish({ child }) {
  child.kill('SIGTERM');
  await child.ended;
  await until('both relays to know', () => a.sessions('publish').length === 0 && b.metric('streams') === 0);
  return JSON.parse(child.out);
}

// `viewers` of the stream at a relay: measuring() once all are decided, then report(), or stop() without a word.
function watch(relay, viewers, seconds) {
  const child = run('whep', '--url', cascade.url('whep', relay, kStream), '--viewers', viewers, '--seconds', seconds, '--json');
  return {
    measuring: () => until('all viewers to be there or refused', () => child.err.includes('measuring') || child.code !== undefined, { every: 5 }),
    stop: () => child.kill('SIGKILL'),
    report: async () => {
      await child.ended;
      assert.ok(child.out, `bench whep ended with ${child.code}: ${child.err}`);
      return JSON.parse(child.out);
    },
  };
}

// A viewer that decodes and stays until stop(): pictures() so far. Its session begins before this ends.
async function watchPictures(relay) {
  const known = cascade.posted.length;
  const peer = scripted('libdatachannel_peer.mjs', ['play', cascade.url('whep', relay, kStream), '', 'opus,h264', 60, 100]);
  running.push({ kill: () => peer.stop() });
  const { id } = await until('a viewer', () => { peer.last(); return cascade.posted.slice(known).find((s) => s.kind === 'subscribe'); });
  const stop = async () => {
    peer.stop();
    await relay.call('DELETE', `/sessions/${id}`); // which it does not do
  };
  return { id, pictures: () => peer.last()?.pictures ?? 0, state: () => peer.last()?.state, stop };
}

function assertAllWell(report, viewers) {
  assert.deepEqual(report.failures, {});
  assert.equal(report.connected, viewers);
  assert.equal(report.pictured, viewers);
  assert.equal(report.lost_midway, 0);
  assert.equal(report.decrypt_failures, 0);
}

const streamAtB = () => until('the stream at B', () => b.metric('streams') === 1);
const mediaAtB = () => b.link()?.streams.find((s) => s.stream === kStream && s.direction === 'in')?.media ?? [];
const rate = (sessions) => sessions.reduce((sum, s) => sum + s.bitrate_bps, 0);

test('a stream published at A is watched at both relays, and crosses between them once for all viewers at B', { timeout: 30_000 }, async () => {
  const publisher = await publish();
  await streamAtB();
  await sleep(500);
  assert.equal(cascade.wire.crossed, 0, 'nobody watches at B: nothing crosses');
  const near = watch(a, 2, 4), far = watch(b, 5, 4);
  await Promise.all([near.measuring(), far.measuring()]);
  const begin = { crossed: cascade.wire.crossed, at: performance.now() };
  await sleep(3500);
  const crossedPerSecond = ((cascade.wire.crossed - begin.crossed) * 1000) / (performance.now() - begin.at);
  const [published, watched, crossing] = [rate(a.sessions('publish')), rate(b.sessions('subscribe')), mediaAtB()];
  const leaving = a.link().streams.map((s) => [s.stream, s.direction]);
  const link = crossing.reduce((sum, m) => sum + m.bitrate_bps, 0);
  const [atA, atB] = await Promise.all([near.report(), far.report()]);
  assertAllWell(atA, 2);
  assertAllWell(atB, 5);
  assert.equal(atA.missing, 0);
  assert.equal(atB.missing, 0);
  assert.equal(cascade.wire.distinct.size, cascade.wire.crossed, 'no packet crosses twice');
  // So the relays say, each of its last second.
  assert.ok(link > published / 2 && link < published * 2, `${link} bit/s on the link, ${published} published`);
  assert.ok(watched > link * 3, `${watched} bit/s to five viewers, ${link} on the link`);
  assert.ok(crossing.every((m) => m.state === 'live' && m.lost === 0), JSON.stringify(crossing));
  assert.deepEqual(leaving, [[kStream, 'out']]);
  await until('A to hear that nobody watches', () => a.link().streams.length === 0);
  const crossed = cascade.wire.crossed;
  await sleep(1000);
  assert.equal(cascade.wire.crossed, crossed, 'the viewers are gone: nothing crosses any more');
  const sent = await unpublish(publisher);
  const sentPerSecond = sent.packets / sent.sent_s;
  assert.ok(Math.abs(crossedPerSecond / sentPerSecond - 1) < 0.1, `${crossedPerSecond} packets/s on the link, ${sentPerSecond} published`);
  console.log(`figure: cascade: first picture at A p50 ${atA.first_picture_ms.p50} max ${atA.first_picture_ms.max} ms · at B p50 ${atB.first_picture_ms.p50} max ${atB.first_picture_ms.max} ms · ` +
    `missing at B ${atB.missing} of ${atB.expected} · ${Math.round(crossedPerSecond)} packets/s on the link of ${Math.round(sentPerSecond)} published, for ${Math.round(atB.packets_per_s)} to five viewers`);
});

test("the publisher ends and comes back: B says so, and B's viewer has its picture again in the same session", { timeout: 40_000 }, async () => {
  let publisher = await publish();
  await streamAtB();
  const viewer = await watchPictures(b);
  try {
    await until('a picture at B', () => viewer.pictures() >= kFramesPerSecond / 2);
    publisher.child.kill('SIGTERM');
    await until('its goodbye', () => publisher.session.deletedAt);
    await until('B to say that nothing comes', () => b.metric('streams') === 0 && b.sessions('subscribe').every((s) => s.media.every((m) => m.state === 'idle')));
    const said = performance.now() - publisher.session.deletedAt;
    assert.deepEqual(b.link().streams, []);
    await sleep(500); // what was on its way is decoded by now
    const pictures = viewer.pictures();
    const late = await watch(b, 1, 1).report();
    assert.match(Object.keys(late.failures).join(), /HTTP 409/, 'a new viewer hears that nobody publishes');
    assert.equal(viewer.pictures(), pictures, 'no media, no picture');
    assert.equal(viewer.state(), 'connected');
    publisher = await publish();
    await until('the picture at B again', () => viewer.pictures() > pictures);
    const back = performance.now() - publisher.session.at;
    await until('more of it', () => viewer.pictures() > pictures + kFramesPerSecond);
    assert.deepEqual(b.sessions('subscribe').map((s) => s.id), [viewer.id], 'the same session');
    console.log(`figure: cascade: publisher gone, B says so ${Math.round(said)} ms after its goodbye · publishes again, picture at B ${Math.round(back)} ms after its offer`);
  } finally {
    await viewer.stop();
    await unpublish(publisher);
  }
});

test('A is killed and started again: B goes over to the new key, and its viewers have media again in the same sessions', { timeout: 40_000 }, async () => {
  let publisher = await publish();
  await streamAtB();
  const viewer = await watchPictures(b), crowd = watch(b, 3, 12);
  const sessions = () => b.sessions('subscribe').map((s) => s.id).sort();
  try {
    await crowd.measuring();
    await until('a picture at B', () => viewer.pictures() >= kFramesPerSecond / 2);
    const epochs = [a.incarnation, b.incarnation];
    const before = await until('four viewers at B', () => sessions().length === 4 && sessions());
    const killedAt = performance.now();
    publisher.child.kill('SIGKILL'); // its page is gone with its relay
    await a.kill();
    await a.run();
    await until("B to have let go of A's earlier life", () => a.incarnation !== epochs[0] && b.metric('streams') === 0);
    const pictures = viewer.pictures();
    publisher = await publish();
    await until('the picture at B again', () => viewer.pictures() > pictures + 2); // two may have been in the decoder
    const back = performance.now();
    await until('more of it', () => viewer.pictures() > pictures + kFramesPerSecond);
    assert.deepEqual(sessions(), before, 'the same sessions');
    const report = await crowd.report();
    assertAllWell(report, 3);
    assert.equal(report.missing, 0, "B's numbers go on without a gap");
    assert.deepEqual([a.incarnation === epochs[0], b.incarnation === epochs[1]], [false, true]);
    console.log(`figure: cascade: A killed and started again, picture at B ${Math.round(back - killedAt)} ms after the kill and ${Math.round(back - publisher.session.at)} ms after the publisher's new offer · ` +
      `lost for B's viewers ${report.missing} of ${report.expected}`);
  } finally {
    await viewer.stop();
    await unpublish(publisher);
  }
});

test("B is killed and started again: A's viewers notice nothing, and B has viewers again", { timeout: 30_000 }, async () => {
  const publisher = await publish();
  await streamAtB();
  const near = watch(a, 2, 5), far = watch(b, 2, 30);
  try {
    await Promise.all([near.measuring(), far.measuring()]);
    const epoch = b.incarnation, killedAt = performance.now();
    await b.kill();
    await b.run();
    await until('the stream at B', () => b.incarnation !== epoch && b.metric('streams') === 1);
    const known = performance.now();
    const again = await watch(b, 3, 2).report();
    assertAllWell(again, 3);
    assert.equal(again.missing, 0);
    const seen = await near.report();
    assertAllWell(seen, 2);
    assert.equal(seen.missing, 0);
    console.log(`figure: cascade: B killed and started again, it has the stream ${Math.round(known - killedAt)} ms after the kill · new viewers' first picture p50 ${again.first_picture_ms.p50} max ${again.first_picture_ms.max} ms`);
  } finally {
    far.stop();
    await unpublish(publisher);
  }
});

test('five in a hundred lost between the relays, each way: what is asked for again comes, and viewers at B miss next to nothing', { timeout: 30_000 }, async () => {
  const publisher = await publish();
  await streamAtB();
  cascade.wire.lose(0.05, 7);
  try {
    const { lost, carried } = cascade.wire, begun = b.metric('nacks_sent_total');
    const crowd = watch(b, 5, 6);
    await crowd.measuring();
    await sleep(4500); // both tell of it each second
    const link = mediaAtB(), repaired = link.reduce((sum, m) => sum + m.resent, 0), given = link.reduce((sum, m) => sum + m.lost, 0);
    assert.ok(repaired >= 10, JSON.stringify(link));
    await until('A to say that it sent them again', () => a.link().streams[0].media.reduce((sum, m) => sum + m.resent, 0) >= repaired);
    const report = await crowd.report();
    const share = (cascade.wire.lost - lost) / (cascade.wire.carried - carried);
    assertAllWell(report, 5);
    assert.ok(share > 0.02, `${share} lost on the wire`);
    assert.ok(report.missing <= report.expected / 1000, `${report.missing} of ${report.expected} are missing`);
    console.log(`figure: cascade: ${(share * 100).toFixed(1)} % lost on the link, ${b.metric('nacks_sent_total') - begun} asked for again, ${repaired} repaired, ${given} given up · ` +
      `viewers miss ${report.missing} of ${report.expected} · first picture p50 ${report.first_picture_ms.p50} max ${report.first_picture_ms.max} ms`);
  } finally {
    cascade.wire.lose(0);
    await unpublish(publisher);
  }
});
