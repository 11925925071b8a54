// What a viewer's picture did over a while, from its frames and its browser's numbers.
import { sleep } from './footlight.mjs';
import { received } from './interop.mjs';

// Samples a viewer every half second for `seconds`: {kbps, heights, freezes, frozenMs, longestMs, fps, samples}; kbps and lastFps of the last 3 s.
// `also` may add to each sample.
export async function observePicture(page, seconds, also = async () => ({})) {
  await page.evaluate(() => window.strip.reset());
  const first = await received(page), startedAt = Date.now();
  const samples = [];
  let last = first, lastAt = startedAt;
  while (Date.now() - startedAt < seconds * 1000) {
    await sleep(500);
    const now = await received(page), at = Date.now();
    samples.push({ ms: at - startedAt, kbps: Math.round(((now.bytesReceived - last.bytesReceived) * 8) / (at - lastAt)), height: now.frameHeight, fps: Math.round(((now.framesDecoded - last.framesDecoded) * 1000) / (at - lastAt)), ...(await also()) });
    [last, lastAt] = [now, at];
  }
  const strip = await page.evaluate(() => ({ longestGap: window.strip.longestGap, lastAt: window.strip.lastAt, unreadable: window.strip.unreadable, now: Math.round(performance.timeOrigin + performance.now()) }));
  const tail = samples.slice(-6);
  return {
    samples, unreadable: strip.unreadable, freezes: last.freezeCount - first.freezeCount, frozenMs: Math.round((last.totalFreezesDuration - first.totalFreezesDuration) * 1000),
    longestMs: Math.max(strip.longestGap, strip.lastAt ? strip.now - strip.lastAt : seconds * 1000), fps: (last.framesDecoded - first.framesDecoded) / ((lastAt - startedAt) / 1000),
    lastFps: tail.reduce((sum, s) => sum + s.fps, 0) / tail.length,
    kbps: Math.round(tail.reduce((sum, s) => sum + s.kbps, 0) / tail.length), heights: [...new Set(samples.map((s) => s.height))],
  };
}

export function printPicture(name, seen, extra = '') {
  console.log(`figure: ${name}: freezes ${seen.freezes} (${seen.frozenMs} ms in all), longest ${seen.longestMs} ms · ${seen.fps.toFixed(1)} frames/s · ${seen.kbps} kbit/s at the end · heights ${seen.heights.join(' ')} · too coarse to read ${seen.unreadable}${extra}`);
}

// The first moment from which the rate stayed at `kbps` or more for two samples; undefined: never.
export function reached(samples, kbps) {
  return samples.find((s, i) => s.kbps >= kbps && (samples[i + 1]?.kbps ?? s.kbps) >= kbps)?.ms;
}
