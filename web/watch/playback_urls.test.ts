import { afterEach, expect, test, vi } from 'vitest';
import { findRecording } from './playback_urls';

const kUrl = 'http://h/live/e/index.m3u8?token=t';

function originSays(media: string): string[] {
  const asked: string[] = [];
  const answers: Record<string, string> = {
    [kUrl]: '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1"\nv/index.m3u8?token={$token}\n',
    'http://h/live/e/v/index.m3u8?token=t': media,
  };
  vi.stubGlobal('fetch', async (url: string) => (asked.push(url), new Response(answers[url] ?? '', { status: url in answers ? 200 : 404 })));
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

test('a closed playlist that calls itself VOD is the recording', async () => {
  originSays('#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-ENDLIST\n');
  expect(await findRecording(kUrl, () => true)).toBe(true);
});

test('the last window of an event that was not recorded is no recording, and nothing is asked twice', async () => {
  const asked = originSays('#EXTM3U\n#EXT-X-ENDLIST\n');
  expect(await findRecording(kUrl, () => true)).toBe(false);
  expect(asked).toHaveLength(2);
});
