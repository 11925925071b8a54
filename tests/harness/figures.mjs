import { percentile } from './clock_strip.mjs';

// One line of figures, in the form that the suite's runner repeats: goals are printed beside what was measured.
export function printLatency(name, strip, goal, extra = '') {
  const l = strip.latencies;
  console.log(`figure: ${name}: glass to glass p50 ${percentile(l, 50)} p95 ${percentile(l, 95)} max ${Math.max(...l)} ms over ${l.length} frames (goal p95 ${goal}, ratio ${(percentile(l, 95) / goal).toFixed(2)}) · ` +
    `longest gap between frames ${strip.longestGap} ms · unreadable ${strip.unreadable}${extra}`);
}
