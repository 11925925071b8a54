// Nothing sent to any port ends a process or stops the programme.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import test from 'node:test';
import { Footlight, sleep, until } from '../harness/footlight.mjs';

test('random and truncated bytes on every port leave every process and the programme alive', async () => {
  const footlight = await Footlight.start({ demo: true });
  try {
    await until('compose', () => footlight.pid('compose'));
    const before = footlight.roles().map((p) => `${p.role}:${p.pid}`).sort();
    const { body: event } = await footlight.api('GET', '/api/v1/events/demo');
    const sequence = async () => {
      const multivariant = await fetch(event.playback.hls_url);
      if (multivariant.status !== 200) return -1;
      const rendition = (await multivariant.text()).split('\n').find((line) => line && !line.startsWith('#'));
      const playlist = await (await fetch(new URL(rendition, event.playback.hls_url))).text();
      return Number(playlist.match(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m)[1]) + (playlist.match(/^#EXTINF/gm) ?? []).length;
    };
    await until('a programme', async () => (await sequence()) > 0);
    const metric = async (pattern) => {
      const { text } = await footlight.api('GET', '/metrics');
      return [...text.matchAll(pattern)].reduce((sum, m) => sum + Number(m[1]), 0);
    };
    const drops = () => metric(/^footlight_relay_dropped_packets_total\{[^}]*\} (\d+)$/gm);
    const rtmpEnds = () => metric(/^footlight_relay_rtmp_ended_connections_total\{[^}]*\} (\d+)$/gm);
    const dropsBefore = await drops();
    const [mediaHost, mediaPort] = footlight.listen.media[0][0].split(':');
    const socket = dgram.createSocket('udp4');
    for (let i = 0; i < 5000; ++i) {
      const packet = randomBytes(1 + (i * 37) % 1400);
      // First bytes that look like STUN, DTLS, RTP and RTCP (RFC 7983), and all others.
      if (i % 5 < 4) packet[0] = [0, 22, 0x80, 0x81][i % 5];
      if (i % 10 === 3 && packet.length > 1) packet[1] = 200 + (i % 7);
      socket.send(packet, Number(mediaPort), mediaHost);
      if (i % 200 === 0) await sleep(2);
    }
    const texts = ['GET / HTTP/1.1\r\n', 'POST /whip/demo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999\r\n\r\n', 'GET /' + 'a'.repeat(100_000),
      'PUT /ingest/demo/1/720p/0/0 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello', 'GET /live/demo/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
      'GET /live/demo/index.m3u8?_HLS_msn=-1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', '\0\0\0\0', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'];
    const media = `${mediaHost}:${mediaPort}`; // the same number by TCP
    for (const address of [footlight.listen.http, footlight.listen.origin, footlight.listen.rtmp, media]) {
      const [host, port] = address.split(':');
      for (const text of [...texts, ...Array.from({ length: 50 }, () => randomBytes(500))])
        await new Promise((resolve) => {
          const client = net.connect(Number(port), host, () => client.end(text));
          client.on('error', () => {});
          client.on('close', resolve);
          client.resume();
          setTimeout(() => client.destroy(), 500);
        });
      // Ingest never listens on a public address.
      if (address === footlight.listen.http || address === footlight.listen.origin) assert.notEqual((await fetch(`http://${address}/ingest/demo`)).status, 200);
    }
    socket.close();
    assert.deepEqual(footlight.roles().map((p) => `${p.role}:${p.pid}`).sort(), before);
    // The relay says so once a second. A few datagrams may have found its socket's buffer full.
    await until('drops to be counted', async () => (await drops()) - dropsBefore >= 4900, { timeout: 10_000, every: 250 });
    await until('cut RTMP connections to be counted', async () => (await rtmpEnds()) >= 58, { timeout: 15_000, every: 250 });
    const reached = await sequence();
    await until('the programme to go on', async () => (await sequence()) > reached, { timeout: 10_000, every: 250 });
  } finally {
    await footlight.stop();
  }
});
