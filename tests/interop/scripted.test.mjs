// Peers without a browser: libdatachannel (npm node-datachannel), aiortc and GStreamer's webrtcbin, each in and out.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { ownAddress } from '../harness/firefox.mjs';
import { until } from '../harness/footlight.mjs';
import { observed, rehearse, scripted, startServer } from '../harness/interop.mjs';
import { endNative, NativePeer } from '../harness/native_peer.mjs';
import { decodeRtp, sendRtp } from '../harness/rtp_media.mjs';

let footlight;
before(async () => { footlight = await startServer(); });
after(async () => {
  await footlight?.stop();
  endNative();
});

// A viewer by libdatachannel with ffmpeg behind it: pictures() counts decoded frames that differ.
async function nativeViewer(target, codec) {
  const peer = new NativePeer({ codecs: ['opus', codec], direction: 'RecvOnly', bindAddress: ownAddress() });
  const decoders = await Promise.all(peer.tracks.map((t) => decodeRtp({ codec: t.codec, payloadType: t.payloadType })));
  peer.tracks.forEach((t, i) => t.track.onMessage((packet) => decoders[i].packet(packet)));
  await peer.connect(target);
  return { pictures: () => decoders[1].pictures(), sounds: () => decoders[0].pictures(), faults: () => decoders[1].faults(), size: () => decoders[1].size(),
    close: async () => { await peer.close(); decoders.forEach((d) => d.stop()); } };
}

async function nativePublisher(target, codecs) {
  const peer = new NativePeer({ codecs, direction: 'SendOnly', bindAddress: ownAddress() });
  await peer.connect(target);
  const sources = await Promise.all(peer.tracks.map((t) => sendRtp({ ...t, onPacket: (packet) => t.track.isOpen() && t.track.sendMessageBinary(packet) })));
  return { close: async () => { sources.forEach((s) => s.stop()); await peer.close(); } };
}

const pictures = (viewer, least) => until(`${least} pictures`, () => viewer.pictures() >= least, { timeout: 15_000, every: 100 });

for (const codec of ['h264', 'vp8']) {
  test(`libdatachannel publishes ${codec} with Opus and plays it back`, { timeout: 60_000 }, async () => {
    const event = await rehearse(footlight, `native ${codec}`);
    const presenter = await nativePublisher(event.whip('camera'), ['opus', codec]);
    let viewer;
    try {
      viewer = await nativeViewer(event.whep(await event.connected('camera')), codec);
      await pictures(viewer, 60);
      assert.equal(viewer.size(), 640 * 360 * 1.5);
      assert.ok(viewer.sounds() > 0, 'it sounds too');
    } finally {
      await viewer?.close();
      await presenter.close();
      await event.end();
    }
  });
}

const python = {
  aiortc: { script: 'aiortc_peer.py', words: (codec) => [codec] },
  GStreamer: { script: 'gstreamer_peer.py', words: (codec) => [`opus,${codec}`] },
};
for (const [name, { script, words }] of Object.entries(python)) {
  for (const codec of ['h264', 'vp8']) {
    test(`${name} publishes ${codec} with Opus and another ${name} plays it`, { timeout: 60_000 }, async () => {
      const event = await rehearse(footlight, `${name} ${codec}`);
      const whip = event.whip('camera');
      const presenter = scripted(script, ['publish', whip.url, whip.token, ...words(codec), 60]);
      let viewer;
      try {
        const source = await until('the source', async () => { presenter.last(); return (await event.sources()).find((s) => s.state === 'connected'); }, { timeout: 15_000 });
        const whep = event.whep(source);
        viewer = scripted(script, ['play', whep.url, whep.token, ...words(codec), 60]);
        const seen = await until('40 pictures', () => viewer.last()?.pictures >= 40 && viewer.last(), { timeout: 20_000, every: 100 });
        assert.equal(`${seen.width}x${seen.height}`, '640x360');
        assert.ok(seen.sounds > 20, JSON.stringify(seen));
      } finally {
        viewer?.stop();
        presenter.stop();
        await event.end();
      }
    });
  }
  test(`${name} plays the programme`, { timeout: 60_000 }, async () => {
    const event = await rehearse(footlight, `${name} programme`);
    const whip = event.whip('camera');
    const presenter = scripted(script, ['publish', whip.url, whip.token, ...words('vp8'), 60]);
    const viewer = scripted(script, ['play', event.programme.url, event.programme.token, ...words('h264'), 60]);
    try {
      await until('40 pictures', () => { presenter.last(); return viewer.last()?.pictures >= 40; }, { timeout: 20_000, every: 100 });
    } finally {
      viewer.stop();
      presenter.stop();
      await event.end();
    }
  });
}

test('GStreamer publishes sound alone, without BUNDLE', { timeout: 60_000 }, async () => {
  const event = await rehearse(footlight, 'Sound alone');
  const whip = event.whip('camera');
  const presenter = scripted('gstreamer_peer.py', ['publish', whip.url, whip.token, 'opus', 60]);
  let viewer;
  try {
    const source = await until('the source', async () => { presenter.last(); return (await event.sources()).find((s) => s.state === 'connected'); }, { timeout: 15_000 });
    const whep = event.whep(source);
    viewer = scripted('gstreamer_peer.py', ['play', whep.url, whep.token, 'opus', 60]);
    await until('sound', () => viewer.last()?.sounds > 40, { timeout: 15_000, every: 100 });
    const session = (await observed(footlight)).sessions.find((s) => s.stream === source.id && s.kind === 'publish');
    assert.ok(session.bitrate_bps > 5000, JSON.stringify(session));
  } finally {
    viewer?.stop();
    presenter.stop();
    await event.end();
  }
});
