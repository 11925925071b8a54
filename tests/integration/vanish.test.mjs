// A thousand viewers that come and vanish at every stage, half of them without a word: descriptors, memory and sessions
// are back where they were, and the publisher has noticed nothing.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';
import { sleep, until } from '../harness/footlight.mjs';
import { RelayBench, bench, rssKib } from '../harness/relay_bench.mjs';

const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

test('a thousand connect-and-vanish cycles leave nothing behind', async (t) => {
  const relay = await RelayBench.start({ kbps: 600 });
  try {
    const pids = { relay: relay.relay, control: relay.footlight.pid('control') };
    const sessions = async () => {
      const { text } = await relay.footlight.api('GET', '/metrics');
      const viewers = text.match(/^footlight_relay_viewers(?:\{[^}]*\})? (\d+)/m);
      assert.ok(viewers, 'the metric is there');
      return Number(viewers[1]);
    };
    const cycle = async (viewers) => {
      const child = bench('whep', '--url', relay.whep, '--token', relay.token, '--viewers', viewers, '--joins', 50, '--vanish', 'all', '--json');
      await child.ended;
      assert.equal(child.code, 0, child.err.slice(-500) + child.out);
      assert.equal(JSON.parse(child.out).vanished, viewers);
      // Consent runs out after 30 s (RFC 7675); an ended session is shown for 10 s more.
      await until('no viewer is left', async () => (await sessions()) === 0, { timeout: 60_000, every: 500 });
      await sleep(11_000);
      return Object.fromEntries(Object.entries(pids).map(([role, pid]) => [role, { fds: descriptors(pid), rss: rssKib(pid) }]));
    };
    // The first ones fill the allocator's pools; the last must find room in them.
    await cycle(333);
    const before = await cycle(333);
    const after = await cycle(334);
    for (const role of Object.keys(pids)) {
      t.diagnostic(`figure: ${role} after the last 334 of 1000 vanished viewers: ${after[role].rss - before[role].rss} KiB more, ${after[role].fds - before[role].fds} descriptors more`);
      assert.ok(after[role].fds <= before[role].fds, `${role} holds ${after[role].fds} descriptors, before ${before[role].fds}`);
      // The DTLS state alone of 334 sessions that leak would be 24 MB.
      assert.ok(after[role].rss - before[role].rss < 4 * 1024, `${role} grew from ${before[role].rss} to ${after[role].rss} KiB`);
    }
    assert.equal(relay.publisher.code, undefined, 'the publisher goes on');
    const { report } = await relay.watch({ viewers: 5, seconds: 2 });
    assert.equal(report.pictured, 5);
    assert.equal(report.missing, 0);
  } finally {
    await relay.stop();
  }
});
