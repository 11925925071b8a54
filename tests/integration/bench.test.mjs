// `footlight bench` from outside: against our own server, and against one that nobody here wrote.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, until } from '../harness/footlight.mjs';
import { RelayBench, bench, start } from '../harness/relay_bench.mjs';

test('a publisher and twenty viewers on our own server: all connected, all with a picture, nothing lost', async () => {
  const relay = await RelayBench.start({ kbps: 600 });
  try {
    const { report, code } = await relay.watch({ viewers: 20, seconds: 3 });
    assert.equal(code, 0);
    assert.equal(report.connected, 20);
    assert.equal(report.pictured, 20);
    assert.equal(report.lost_midway, 0);
    assert.equal(report.missing, 0);
    assert.equal(report.decrypt_failures, 0);
    assert.ok(report.sampled > 0);
    // 600 kbit/s of pictures, 50 packets of sound a second, headers; and on top what the relay probes the path with.
    assert.ok(report.bitrate_bps / 20 > 550_000 && report.bitrate_bps / 20 < 2_000_000, `${report.bitrate_bps / 20}`);
    relay.publisher.kill('SIGTERM');
    assert.equal(await relay.publisher.ended, 0, relay.publisher.err);
    assert.match(relay.publisher.out, /connected in .* frames/s);
  } finally {
    await relay.stop();
  }
});

test('viewers watch a foreign server: redirect, relative Location, full ICE, and a DELETE each at the end', async () => {
  const foreign = start(process.execPath, [fileURLToPath(new URL('../harness/foreign_whep_server.mjs', import.meta.url))]);
  try {
    const [, url] = await until('its address', () => foreign.out.match(/url: (\S+)/));
    const child = bench('whep', '--url', url, '--viewers', 3, '--seconds', 2, '--json');
    await child.ended;
    assert.equal(child.code, 0, child.err + child.out);
    const report = JSON.parse(child.out);
    assert.equal(report.connected, 3);
    assert.equal(report.pictured, 3);
    assert.equal(report.decrypt_failures, 0);
    assert.equal(report.missing, 0);
    assert.ok(report.packets > 3 * 2 * 30, `${report.packets}`);
    await until('three goodbyes', () => foreign.out.match(/deleted/g)?.length === 3);
  } finally {
    foreign.kill('SIGTERM');
    await foreign.ended;
  }
});

test('what cannot be is said: a refusal with its status, a host that is not there, a URL that is none', async () => {
  const relay = await RelayBench.start({ kbps: 600 });
  try {
    const refused = await run(['bench', 'whep', '--url', relay.whep, '--token', 'wrong', '--viewers', '2', '--seconds', '1']);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /0 of 2[\s\S]*2 x HTTP 401/);
  } finally {
    await relay.stop();
  }
  const unknown = await run(['bench', 'whip', '--url', 'http://nowhere.invalid/whip/x', '--seconds', '1']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /nowhere\.invalid/);
  const none = await run(['bench', 'whep', '--url', 'nonsense']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /nonsense/);
});
