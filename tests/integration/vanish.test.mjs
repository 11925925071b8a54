// A thousand viewers that come and vanish at every stage, half of them without a word: descriptors, memory and sessions
// are back where they were, and the publisher has noticed nothing.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import test from 'node:test';
import { sleep, until } from '../harness/footlight.mjs';
import { RelayBench, bench, rssKib } from '../harness/relay_bench.mjs';

// Control keeps its calls' connections to the relay for the next call, up to a bound (http::Client): those on Unix sockets are
// counted by themselves.
const kMaxCalls = 8;
const descriptors = (pid) => {
  const unix = new Set(readFileSync('/proc/net/unix', 'utf8').split('\n').map((line) => line.trim().split(/\s+/)[6]));
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  const calls = links.filter((link) => unix.has(link.match(/^socket:\[(\d+)\]$/)?.[1])).length;
  return { calls, others: links.length - calls };
};

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
    const idle = Object.fromEntries(Object.entries(pids).map(([role, pid]) => [role, descriptors(pid)]));
    // The first ones fill the allocator's pools; the last must find room in them.
    await cycle(333);
    const before = await cycle(333);
    const after = await cycle(334);
    for (const role of Object.keys(pids)) {
      t.diagnostic(`figure: ${role} after the last 334 of 1000 vanished viewers: ${after[role].rss - before[role].rss} KiB more, ${after[role].fds.others - before[role].fds.others} descriptors more, ${after[role].fds.calls - idle[role].calls} connections between roles more than when idle (at most ${kMaxCalls})`);
      assert.ok(after[role].fds.others <= before[role].fds.others, `${role} holds ${after[role].fds.others} descriptors, before ${before[role].fds.others}`);
      assert.ok(after[role].fds.calls <= idle[role].calls + kMaxCalls, `${role} holds ${after[role].fds.calls} connections to other roles, ${idle[role].calls} when idle`);
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
