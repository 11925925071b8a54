import { expect, test } from 'vitest';
import { firstVariant, newestPart } from './playlist';

const kBase = 'http://h/live/e/index.m3u8?token=a.b';

test('the first variant is found with its codecs, and the token is handed on', () => {
  const text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.4d401f,mp4a.40.2"\n720p/index.m3u8?token={$token}\n';
  expect(firstVariant(text, kBase)).toEqual({ url: 'http://h/live/e/720p/index.m3u8?token=a.b', codecs: 'avc1.4d401f,mp4a.40.2' });
  expect(firstVariant('#EXTM3U\n', kBase)).toBeNull();
});

test('the newest part with a key frame is taken with its map', () => {
  const text = [
    '#EXTM3U',
    '#EXT-X-MAP:URI="init0.mp4"',
    '#EXT-X-PART:DURATION=0.2,URI="1.0.m4s",INDEPENDENT=YES',
    '#EXT-X-MAP:URI="init1.mp4"',
    '#EXT-X-PART:DURATION=0.2,INDEPENDENT=YES,URI="2.0.m4s"',
    '#EXT-X-PART:DURATION=0.2,URI="2.1.m4s"',
    '#EXT-X-PART:DURATION=0.2,URI="3.0.m4s",INDEPENDENT=YES,GAP=YES',
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="3.1.m4s"',
  ].join('\n');
  expect(newestPart(text, 'http://h/live/e/720p/index.m3u8')).toEqual({
    init: 'http://h/live/e/720p/init1.mp4',
    part: 'http://h/live/e/720p/2.0.m4s',
  });
  expect(newestPart('#EXTM3U\n', kBase)).toBeNull();
});
