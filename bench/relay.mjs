// The relay's cost: CPU time (user and system, whole process) per forwarded packet and memory per viewer, beside the floor of
// the same machine in the same minutes. Usage: node bench/relay.mjs [--build build/release] [--seconds 10] [--most]
// --muted: the picture alone. Sound is a third of the packets at 600 kbit/s, each of them a send of its own.
// --most goes on with more viewers until packets are lost, viewers are refused, or a thread is full.
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { build: { type: 'string', default: 'build/release' }, seconds: { type: 'string', default: '10' }, most: { type: 'boolean', default: false }, kbps: { type: 'string', default: '600,2500' }, viewers: { type: 'string', default: '60,500' }, muted: { type: 'boolean', default: false } } });
process.env.FOOTLIGHT = path.resolve(values.build, 'footlight');
const { RelayBench } = await import('../tests/harness/relay_bench.mjs');
const seconds = Number(values.seconds);

const row = (cells) => console.log(cells.map((c, i) => String(c).padStart(i === 0 ? 16 : 10)).join(''));
console.log('µs: CPU time per forwarded packet. "one by one": viewers without UDP GRO, as browsers are; kernel work of both ends on loopback is the sender\'s.\n"came": of what the publisher sent; far below 100 the viewers\' own process was starved, and the row says nothing.\n');
row(['kbit/s x viewers', 'packets/s', 'relay µs', 'floor µs', 'ratio', 'CPU %', 'KiB each', 'loss %', 'came %', 'join p95', 'failed']);

const grown = new Map(); // "kbps viewers" → KiB that the relay's process grew by

async function measure(bench, viewers, singly) {
  const floor = await bench.floor({ viewers, seconds: Math.min(seconds, 5), singly });
  const run = await bench.watch({ viewers, seconds, singly, settle: true });
  const { report: r } = run;
  row([`${bench.kbps} x ${viewers}${singly ? '*' : ''}`, r.packets_per_s.toFixed(0), run.usPerPacket.toFixed(2), floor.us_per_packet.toFixed(2), (run.usPerPacket / floor.us_per_packet).toFixed(2),
    (run.cpuShare * 100).toFixed(0), ((run.rssAfter - run.rssBefore) / viewers).toFixed(1), (r.loss_ratio * 100).toFixed(3), (run.delivered * 100).toFixed(0), `${r.first_picture_ms.p95.toFixed(0)} ms`, r.viewers - r.connected + r.lost_midway]);
  if (!singly) grown.set(`${bench.kbps} ${viewers}`, run.rssAfter - run.rssBefore);
  return r.connected === r.viewers && r.lost_midway === 0 && r.missing === 0 && run.delivered > 0.9;
}

for (const kbps of values.kbps.split(',').map(Number)) {
  for (const viewers of values.viewers.split(',').map(Number)) {
    for (const singly of [false, true]) {
      // A fresh server each time: memory counts from the start.
      const bench = await RelayBench.start({ kbps, muted: values.muted });
      try {
        await measure(bench, viewers, singly);
      } finally {
        await bench.stop();
      }
    }
  }
  if (!values.most) continue;
  for (let viewers = 1000; viewers <= 4000; viewers += 500) {
    const bench = await RelayBench.start({ kbps, muted: values.muted });
    try {
      if (!(await measure(bench, viewers, false))) break;
    } finally {
      await bench.stop();
    }
  }
}
console.log('\n* one by one. "KiB each" holds what handshakes left in the allocator; what one more viewer costs is the slope:');
const counts = values.viewers.split(',').map(Number);
for (const kbps of values.kbps.split(',').map(Number)) {
  const [few, many] = [counts.at(0), counts.at(-1)];
  const [least, most] = [few, many].map((n) => grown.get(`${kbps} ${n}`));
  if (many > few) console.log(`${kbps} kbit/s, from ${few} to ${many} viewers: ${((most - least) / (many - few)).toFixed(1)} KiB a viewer`);
}
