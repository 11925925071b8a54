import { firstVariant, newestPart } from '../shared/playlist';

/** A still that takes longer is given up: the next one comes soon. */
const kLimitMs = 8000;

/** One at a time, however many events are live: stills must not compete with what the page is for. */
let queue: Promise<unknown> = Promise.resolve();

/** Draws the newest picture of a live programme on `canvas`. Costs one part (tens of kilobytes) and a decoder for a moment. */
export function drawStill(canvas: HTMLCanvasElement, hlsUrl: string, signal: AbortSignal): Promise<boolean> {
  const turn = queue.then(async () => {
    if (signal.aborted) return false;
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(kLimitMs)]);
      await draw(canvas, hlsUrl, limited);
      return true;
    } catch {
      return false; // the last still stays
    }
  });
  queue = turn;
  return turn;
}

async function draw(canvas: HTMLCanvasElement, hlsUrl: string, signal: AbortSignal): Promise<void> {
  const get = async (url: string) => {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(String(response.status));
    return response;
  };
  const variant = firstVariant(await (await get(hlsUrl)).text(), hlsUrl);
  if (!variant) throw new Error('no variant');
  const newest = newestPart(await (await get(variant.url)).text(), variant.url);
  if (!newest) throw new Error('no picture yet');
  const pieces = await Promise.all([newest.init, newest.part].map(async (url) => (await get(url)).arrayBuffer()));
  await show(pieces, `video/mp4; codecs="${variant.codecs}"`, canvas, signal);
}

/** Lets a video element that nobody sees decode the pieces, and copies its first picture. */
async function show(pieces: ArrayBuffer[], type: string, canvas: HTMLCanvasElement, signal: AbortSignal): Promise<void> {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  const source = new MediaSource();
  const url = URL.createObjectURL(source);
  try {
    video.src = url;
    await once(source, 'sourceopen', signal);
    const buffer = source.addSourceBuffer(type);
    for (const piece of pieces) {
      buffer.appendBuffer(piece);
      await once(buffer, 'updateend', signal);
    }
    if (buffer.buffered.length === 0) throw new Error('nothing to show');
    source.endOfStream();
    video.currentTime = (buffer.buffered.start(0) + buffer.buffered.end(0)) / 2;
    await once(video, 'seeked', signal);
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  }
}

function once(target: EventTarget, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    target.addEventListener(name, () => resolve(), { once: true });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
