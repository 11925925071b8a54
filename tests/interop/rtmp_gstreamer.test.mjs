// GStreamer's own RTMP client (rtmp2sink, with flvmux, x264enc and two AAC encoders) publishes: seen by WHEP and in the programme.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { until } from '../harness/footlight.mjs';
import { moves, peerPage, rehearse, sounds } from '../harness/interop.mjs';
import { stage } from '../harness/stage.mjs';

const at = stage();

function publish(url, { sink, form, profile, aac }) {
  const video = ['videotestsrc', 'is-live=true', 'pattern=white', '!', `video/x-raw,${form}width=640,height=360,framerate=30/1`, '!', 'x264enc', 'tune=zerolatency', 'speed-preset=ultrafast', 'key-int-max=30', '!',
    `video/x-h264${profile}`, '!', 'queue', '!', 'm.'];
  const audio = ['audiotestsrc', 'is-live=true', 'freq=997', '!', 'audioconvert', '!', 'audio/x-raw,rate=44100,channels=2', '!', aac, '!', 'aacparse', '!', 'queue', '!', 'm.'];
  const child = spawn('gst-launch-1.0', ['-q', 'flvmux', 'streamable=true', 'name=m', '!', 'rtmp2sink', `location=${url}`, ...sink, ...video, ...audio], { stdio: ['ignore', 'ignore', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  let faults = '';
  child.stderr.on('data', (d) => (faults += d));
  return { faults: () => faults, stop: () => child.kill('SIGKILL') };
}

// The brightness in the middle of the page's video, 0 to 255.
const brightness = (page) => page.evaluate(() => {
  const pixel = new OffscreenCanvas(1, 1).getContext('2d');
  const video = document.querySelector('video');
  if (!video.videoWidth) return 0;
  pixel.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 8, 8, 0, 0, 1, 1);
  return pixel.getImageData(0, 0, 1, 1).data[1];
});

const cases = {
  'chunks of 128 bytes, constrained baseline': { sink: [], form: 'format=I420,', profile: ',profile=constrained-baseline', aac: 'voaacenc' },
  'chunks of 65536 bytes, 4:2:2 as from a webcam': { sink: ['chunk-size=65536'], form: 'format=Y42B,', profile: '', aac: 'avenc_aac' },
};
for (const [name, how] of Object.entries(cases)) {
  test(`rtmp2sink publishes, ${name}; the source and the programme show and sound it`, { timeout: 60_000 }, async () => {
    const event = await rehearse(at.footlight, name);
    const encoder = publish(`${event.ingest.rtmp_url}/${event.ingest.stream_key}`, how);
    const [source, programme] = await Promise.all([peerPage(at.near, at.site), peerPage(at.near, at.site)]);
    try {
      const feed = await until('the source', async () => (await event.sources()).find((s) => s.kind === 'rtmp' && s.state === 'connected'), { timeout: 10_000 }).catch((e) => { throw new Error(`${e.message} ${encoder.faults()}`); });
      await source.evaluate((o) => window.peer.play(o), event.whep(feed));
      await programme.evaluate((o) => window.peer.play(o), event.programme);
      const [seen] = await Promise.all([moves(source), moves(programme), sounds(programme)]);
      assert.equal(`${seen.codec} ${seen.frameWidth}x${seen.frameHeight}`, 'video/H264 640x360');
      await until('a white programme', async () => (await brightness(programme)) > 200, { every: 100 });
      assert.ok((await brightness(source)) > 200);
    } finally {
      encoder.stop();
      await Promise.all([source, programme].map((p) => p.context().close()));
      await event.end();
    }
  });
}
