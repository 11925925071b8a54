// The little that pages read of a playlist themselves; playing is hls.js's work.

/** What one picture of a live programme needs: the initialisation and one part that starts with a key frame. */
export interface NewestPart {
  init: string;
  part: string;
}

/** The first variant of a multivariant playlist and its codecs (empty when it names none); null when there is none. */
export function firstVariant(text: string, base: string): { url: string; codecs: string } | null {
  const lines = text.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => line.startsWith('#EXT-X-STREAM-INF:'));
  const uri = lines.slice(at + 1).find((line) => line !== '' && !line.startsWith('#'));
  const codecs = /CODECS="([^"]+)"/.exec(lines[at] ?? '')?.[1] ?? '';
  return at >= 0 && uri ? { url: resolve(uri, base), codecs } : null;
}

/** The newest independent part of a media playlist with the map that holds for it; null when there is none. */
export function newestPart(text: string, base: string): NewestPart | null {
  let init: string | null = null;
  let newest: NewestPart | null = null;
  for (const line of text.split('\n')) {
    const uri = /[:,]URI="([^"]+)"/.exec(line)?.[1];
    if (!uri) continue;
    if (line.startsWith('#EXT-X-MAP:')) init = resolve(uri, base);
    const isWhole = line.startsWith('#EXT-X-PART:') && line.includes('INDEPENDENT=YES') && !line.includes('GAP=YES');
    if (isWhole && init !== null) newest = { init, part: resolve(uri, base) };
  }
  return newest;
}

/** `{$token}` stands for the token of the playlist's own address (EXT-X-DEFINE by QUERYPARAM). */
function resolve(uri: string, base: string): string {
  const token = new URL(base).searchParams.get('token') ?? '';
  return new URL(uri.replaceAll('{$token}', encodeURIComponent(token)), base).href;
}
