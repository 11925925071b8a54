// The times that a fragmented MP4 (ISO/IEC 14496-12 §8.8) states itself. Demuxers are no witness of durations: ffmpeg's
// replaces them by those of the coded stream's frame rate.
const kFirstSampleFlags = 0x4, kDataOffset = 0x1, kDuration = 0x100, kSize = 0x200, kFlags = 0x400, kCompositionOffset = 0x800;

function* boxes(bytes, from, to) {
  for (let at = from; at < to; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > to) throw new Error(`a box of ${size} bytes at ${at} of ${to}`);
    yield { type: bytes.toString('latin1', at + 4, at + 8), from: at + 8, to: at + size };
    at += size;
  }
}

function durations(bytes, trun) {
  const flags = bytes.readUInt32BE(trun.from) & 0xffffff;
  if (!(flags & kDuration)) throw new Error('a trun without durations of its own');
  const count = bytes.readUInt32BE(trun.from + 4);
  let at = trun.from + 8 + (flags & kDataOffset ? 4 : 0) + (flags & kFirstSampleFlags ? 4 : 0);
  const stride = 4 * [kDuration, kSize, kFlags, kCompositionOffset].filter((f) => flags & f).length;
  return Array.from({ length: count }, (_, i) => bytes.readUInt32BE(at + i * stride));
}

// [{track, at, durations}] of each fragment's tracks, in the tracks' timescales (numbers: below 2^53).
export function fragmentTimes(bytes) {
  const runs = [];
  for (const moof of boxes(bytes, 0, bytes.length)) {
    if (moof.type !== 'moof') continue;
    for (const traf of boxes(bytes, moof.from, moof.to)) {
      if (traf.type !== 'traf') continue;
      const run = { track: 0, at: 0, durations: [] };
      for (const box of boxes(bytes, traf.from, traf.to)) {
        if (box.type === 'tfhd') run.track = bytes.readUInt32BE(box.from + 4);
        if (box.type === 'tfdt') run.at = bytes[box.from] === 1 ? Number(bytes.readBigUInt64BE(box.from + 4)) : bytes.readUInt32BE(box.from + 4);
        if (box.type === 'trun') run.durations.push(...durations(bytes, box));
      }
      runs.push(run);
    }
  }
  return runs;
}
