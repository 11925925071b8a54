// ffmpeg as a source of RTP packets and as a judge of them, over loopback datagrams: for peers that carry packets and decode nothing.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const bound = (address = '127.0.0.1') => new Promise((resolve) => {
  const socket = createSocket('udp4');
  socket.bind(0, address, () => resolve(socket));
});

const encoders = {
  h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-g', '30', '-pix_fmt', 'yuv420p'],
  vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '30'],
  opus: ['-c:a', 'libopus', '-frame_duration', '20'],
};
const rtpmaps = { h264: 'H264/90000', vp8: 'VP8/90000', vp9: 'VP9/90000', av1: 'AV1/90000', opus: 'opus/48000/2' };

// A moving test picture (or a tone) as RTP and RTCP packets, each given to onPacket; a key frame a second.
export async function sendRtp({ codec, payloadType, ssrc, onPacket, width = 640, height = 360, kbps = 600 }) {
  const socket = await bound();
  socket.on('message', onPacket);
  const port = socket.address().port;
  const input = codec === 'opus' ? ['-f', 'lavfi', '-i', 'sine=frequency=997:sample_rate=48000', '-ac', '2']
    : ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=30`, '-b:v', `${kbps}k`];
  const child = spawn('ffmpeg', ['-loglevel', 'error', '-re', ...input, ...encoders[codec], '-payload_type', String(payloadType), '-ssrc', String(ssrc | 0),
    '-f', 'rtp', `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1200`], { stdio: ['ignore', 'ignore', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  let faults = '';
  child.stderr.on('data', (d) => (faults += d));
  return { faults: () => faults, stop: () => { child.kill('SIGKILL'); socket.close(); } };
}

// Decodes what packet() is given; pictures() is how many decoded frames differed from the one before.
export async function decodeRtp({ codec, payloadType, fmtp = '' }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'footlight-rtp-'));
  const probe = await bound();
  const port = probe.address().port;
  await new Promise((resolve) => probe.close(resolve));
  const media = codec === 'opus' ? 'audio' : 'video';
  writeFileSync(path.join(folder, 'in.sdp'), ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=${media} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${rtpmaps[codec]}`, ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []), ''].join('\r\n'));
  const child = spawn('ffmpeg', ['-loglevel', 'error', '-protocol_whitelist', 'file,udp,rtp', '-analyzeduration', '1000000', '-i', path.join(folder, 'in.sdp'), '-f', 'framemd5', '-'], { stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  let rest = '', last = '', count = 0, size = [0, 0], faults = '';
  child.stderr.on('data', (d) => (faults += d));
  child.stdout.on('data', (d) => {
    const lines = (rest + d).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const dimensions = line.match(/^#dimensions 0: (\d+)x(\d+)/);
      if (dimensions) size = dimensions.slice(1).map(Number);
      if (line.startsWith('#')) continue;
      const fields = line.split(',').map((f) => f.trim());
      if (fields.at(-1) !== last) ++count;
      last = fields.at(-1);
    }
  });
  const socket = await bound();
  return {
    packet: (bytes) => socket.send(bytes, port, '127.0.0.1'), pictures: () => count, width: () => size[0], height: () => size[1], faults: () => faults,
    stop: () => { child.kill('SIGKILL'); socket.close(); rmSync(folder, { recursive: true, force: true }); },
  };
}
