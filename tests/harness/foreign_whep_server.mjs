// A WHEP server that nobody here wrote: libdatachannel's ICE (a full agent), DTLS and SRTP behind a few lines of HTTP.
// It sends Opus and VP8-shaped RTP to whoever asks. A program of its own (libdatachannel may take its process down as it
// ends): prints its URL, and a line for each session that was deleted; SIGTERM ends it.
import { createServer } from 'node:http';
import datachannel from 'node-datachannel';

const videoType = 96, audioType = 111;

// One RTP packet (RFC 3550 §5.1).
function rtp({ type, marker, seq, time, ssrc, payload }) {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = (marker ? 0x80 : 0) | type;
  head.writeUInt16BE(seq & 0xffff, 2);
  head.writeUInt32BE(time >>> 0, 4);
  head.writeUInt32BE(ssrc, 8);
  return Buffer.concat([head, payload]);
}

// A key frame of two packets by RFC 7741 §4.2 and §4.3: S, then the frame tag with P = 0, start code and size.
const keyFrame = [Buffer.concat([Buffer.from([0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]), Buffer.alloc(800, 1)]), Buffer.concat([Buffer.from([0x00]), Buffer.alloc(500, 2)])];

class Session {
  constructor(offer) {
    this.peer = new datachannel.PeerConnection('whep', { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true });
    const video = new datachannel.Video('1', 'SendOnly');
    video.addVP8Codec(videoType);
    video.addSSRC(1000, 'foreign', 'foreign', 'video');
    const audio = new datachannel.Audio('0', 'SendOnly');
    audio.addOpusCodec(audioType);
    audio.addSSRC(2000, 'foreign', 'foreign', 'audio');
    this.tracks = [this.peer.addTrack(audio), this.peer.addTrack(video)];
    this.seq = 1;
    this.answer = new Promise((resolve) => {
      this.peer.onGatheringStateChange((state) => {
        if (state === 'complete') resolve(this.peer.localDescription().sdp);
      });
    });
    this.peer.setRemoteDescription(offer, 'offer');
    this.peer.setLocalDescription('answer');
    this.timer = setInterval(() => this.send(), 20);
  }

  send() {
    const [audio, video] = this.tracks;
    if (!audio.isOpen() || !video.isOpen()) return;
    const time = this.seq * 960;
    audio.sendMessageBinary(rtp({ type: audioType, marker: false, seq: this.seq, time, ssrc: 2000, payload: Buffer.from([0xf8, 0xff, 0xfe]) }));
    keyFrame.forEach((payload, i) => video.sendMessageBinary(rtp({ type: videoType, marker: i === 1, seq: this.seq * 2 + i, time: time * 2, ssrc: 1000, payload })));
    ++this.seq;
  }

  close() {
    clearInterval(this.timer);
    this.peer.close();
  }
}

const sessions = new Map();

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.url === '/elsewhere') return response.writeHead(307, { location: '/live/whep?x=1' }).end();
  if (request.method === 'DELETE') {
    sessions.get(request.url)?.close();
    if (sessions.delete(request.url)) console.log('deleted');
    return response.writeHead(200).end();
  }
  const session = new Session(Buffer.concat(chunks).toString());
  const id = `session-${sessions.size}`;
  sessions.set(`/live/${id}`, session);
  response.writeHead(201, { 'content-type': 'application/sdp', location: id }).end(await session.answer);
});
server.listen(0, '127.0.0.1', () => console.log(`url: http://127.0.0.1:${server.address().port}/elsewhere`));
process.on('SIGTERM', () => process.kill(process.pid, 'SIGKILL'));
