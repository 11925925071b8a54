// The short form of bench/relay.mjs: strict about what viewers get, loose about time, because the machine is shared.
import assert from 'node:assert/strict';
import test from 'node:test';
import { RelayBench } from '../harness/relay_bench.mjs';

test('sixty viewers of 600 kbit/s: all connected, nothing lost, at a few microseconds a packet', async (t) => {
  const bench = await RelayBench.start({ kbps: 600 });
  try {
    const floor = await bench.floor({ viewers: 60, seconds: 3 });
    const run = await bench.watch({ viewers: 60, seconds: 5 });
    const { report } = run;
    const each = (run.rssAfter - run.rssBefore) / 60;
    t.diagnostic(`figure: relay, 60 viewers of 600 kbit/s: ${run.usPerPacket.toFixed(2)} µs a packet (goal 5), floor ${floor.us_per_packet.toFixed(2)}, ratio ${(run.usPerPacket / floor.us_per_packet).toFixed(2)} (goal 2); first picture p95 ${report.first_picture_ms.p95.toFixed(0)} ms; ${each.toFixed(0)} KiB a viewer, with what sixty handshakes at once left in the allocator`);
    assert.equal(report.connected, 60);
    assert.equal(report.pictured, 60);
    assert.equal(report.lost_midway, 0);
    assert.equal(report.missing, 0);
    assert.equal(report.decrypt_failures, 0);
    // Four times the goal: what stands out here is a defect, not a busy neighbour.
    assert.ok(run.usPerPacket < 20, `${run.usPerPacket} µs a packet`);
  } finally {
    await bench.stop();
  }
});
