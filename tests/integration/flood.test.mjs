// Bad input at 50,000 datagrams a second on the media port, and on its TCP twin, beside viewers who must not notice.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { executable, sleep, until } from '../harness/footlight.mjs';
import { RelayBench, start } from '../harness/relay_bench.mjs';

const floodProgram = path.join(path.dirname(executable), 'bench/flood');
const rate = 50_000;
const seconds = 4;

const metrics = async (footlight) => (await footlight.api('GET', '/metrics')).text;
// {all, and each reason}
const drops = async (footlight) => {
  const reasons = [...(await metrics(footlight)).matchAll(/^footlight_relay_dropped_packets_total\{[^}]*\breason="(\w+)"[^}]*\} (\d+)$/gm)];
  return { all: reasons.reduce((sum, m) => sum + Number(m[2]), 0), ...Object.fromEntries(reasons.map((m) => [m[1], Number(m[2])])) };
};

// Datagrams for which no socket buffer of this machine had room.
const overflown = () => {
  const [names, values] = readFileSync('/proc/net/snmp', 'utf8').split('\n').filter((line) => line.startsWith('Udp:')).map((line) => line.split(' '));
  return Number(values[names.indexOf('RcvbufErrors')]);
};

test('a flood of random, truncated and replayed datagrams is counted drops, and viewers keep their picture', async () => {
  const relay = await RelayBench.start({ kbps: 600 });
  try {
    const [to] = relay.footlight.listen.media[0];
    const before = await drops(relay.footlight);
    const overflownBefore = overflown();
    const loggedBefore = relay.footlight.log.length;
    const watching = relay.watch({ viewers: 5, seconds: seconds + 2 });
    await sleep(1500);
    const flood = start(floodProgram, [to, rate, seconds].map(String));
    const { report, cpuShare } = await watching;
    await flood.ended;
    const [, sent, took] = flood.out.match(/sent (\d+) in ([\d.]+) s/);
    let counted = 0, after;
    // What the kernel's buffer had no room for was never the relay's to count; its metrics lag by a report.
    await until(`${sent} datagrams to be counted, of which ${counted} were`, async () => {
      after = await drops(relay.footlight);
      counted = after.all - before.all;
      return counted + overflown() - overflownBefore >= Number(sent);
    }, { timeout: 10_000, every: 250 });
    const over = overflown() - overflownBefore;
    const logged = relay.footlight.log.length - loggedBefore;
    console.log(`flood: ${sent} datagrams in ${took} s, ${counted} counted drops, ${over} more than the kernel's buffer held; relay's CPU ${(cpuShare * 100).toFixed(0)} % of a core; 5 viewers: ` +
      `${report.packets} packets, ${report.missing} missing; ${logged} bytes of log`);
    assert.ok(Number(sent) / Number(took) > 0.8 * rate, `${sent} in ${took} s is no flood of ${rate} a second`);
    // Noise; STUN that is none; checks for nobody; DTLS, RTP and RTCP from where nobody was admitted.
    for (const reason of ['unknown_kind', 'bad_stun', 'unknown_ufrag', 'unknown_tuple'])
      assert.ok(after[reason] - before[reason] > 1000, `${after[reason] - before[reason]} dropped as ${reason}`);
    assert.equal(relay.footlight.pid('relay'), relay.relay, 'the same process');
    assert.equal(report.connected, 5);
    assert.equal(report.lost_midway, 0, JSON.stringify(report.failures) + relay.footlight.log.slice(-3000));
    // On a machine so busy that the kernel's buffer ran over, the publisher's packets were among what it lost.
    assert.ok(report.missing <= (over === 0 ? 0 : 0.05 * report.packets), `${report.missing} of ${report.packets} missing`);
    assert.ok(report.bitrate_bps / 5 > 550_000, `${report.bitrate_bps / 5} bit/s a viewer`);
    assert.ok(logged < 10_000, `${logged} bytes of log`);
  } finally {
    await relay.stop();
  }
});

test('connections that send nonsense, or nothing, to the media port are cut, and viewers keep their picture', async () => {
  const relay = await RelayBench.start({ kbps: 600 });
  try {
    const [host, port] = relay.footlight.listen.media[0][0].split(':');
    const watching = relay.watch({ viewers: 2, seconds: 5 });
    await sleep(1000);
    const ended = [];
    const connect = (bytes) =>
      ended.push(new Promise((resolve) => {
        const client = net.connect(Number(port), host, () => bytes && client.write(bytes));
        client.on('error', () => {});
        client.on('close', resolve);
        client.resume();
      }));
    for (let i = 0; i < 400; ++i) {
      connect([null, randomBytes(200), Buffer.from([0xff, 0xff, 1]), Buffer.from('GET / HTTP/1.1\r\n\r\n')][i % 4]);
      if (i % 50 === 0) await sleep(20);
    }
    const { report } = await watching;
    assert.equal(report.lost_midway, 0, JSON.stringify(report.failures) + relay.footlight.log.slice(-3000));
    assert.equal(report.missing, 0);
    const all = await Promise.race([Promise.all(ended).then(() => true), sleep(5000).then(() => false)]);
    assert.ok(all, 'each connection was closed by the relay');
    const number = async (name) => Number((await metrics(relay.footlight)).match(new RegExp(`^footlight_relay_${name}(?:\\{[^}]*\\})? (\\d+)$`, 'm'))[1]);
    await until('400 connections to be counted, and none open', async () => (await number('tcp_connections_total')) >= 400 && (await number('tcp_connections')) === 0, { timeout: 5000, every: 250 });
    assert.equal(relay.footlight.pid('relay'), relay.relay, 'the same process');
    assert.match(relay.footlight.log, /tcp connection closed .*reason=/, 'with a reason in the log');
  } finally {
    await relay.stop();
  }
});
