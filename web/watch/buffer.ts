/** Gaps up to this long are played over (hls.js nudges across them). */
const kHole = 0.15;

/** End of the buffered stretch that `position` is in; `position` when it is in none. */
export function bufferEndAt(ranges: TimeRanges, position: number): number {
  let end = position;
  for (let i = 0; i < ranges.length; i += 1) {
    if (ranges.start(i) <= end + kHole && ranges.end(i) > end) end = ranges.end(i);
  }
  return end;
}
